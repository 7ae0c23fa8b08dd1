// The two parts of the conformance comparison that could hide a regression: the comparison itself, and the shim
// that must change nothing but one header. Neither needs the runner.
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Check, compareRuns } from '../../scripts/conformance/compare.ts'
import { startShim } from '../../scripts/conformance/shim.ts'

type Status = Check['status']

function run(...statuses: Status[]): Map<string, Check[]> {
  return new Map([['scenario', statuses.map((status) => ({ id: 'id', name: 'Name', status }))]])
}

describe('compareRuns', () => {
  const cases: [string, Status[], Status[], string[]][] = [
    ['equal runs', ['SUCCESS', 'FAILURE'], ['SUCCESS', 'FAILURE'], []],
    ['a new failure', ['SUCCESS'], ['FAILURE'], ['worse id Name SUCCESS FAILURE']],
    ['a new warning', ['SUCCESS'], ['WARNING'], ['worse id Name SUCCESS WARNING']],
    ['a check that could no longer be tried', ['SUCCESS'], ['INFO'], ['worse id Name SUCCESS INFO']],
    ['a check that is gone', ['SUCCESS', 'SUCCESS'], ['SUCCESS'], ['worse id Name #2 SUCCESS MISSING']],
    ['a failure that is gone', ['SUCCESS', 'FAILURE'], ['SUCCESS'], []],
    [
      'the second of two with one id',
      ['SUCCESS', 'SUCCESS'],
      ['SUCCESS', 'FAILURE'],
      ['worse id Name #2 SUCCESS FAILURE'],
    ],
    ['a lifted check', ['FAILURE'], ['SUCCESS'], ['better id Name FAILURE SUCCESS']],
    ['fewer events of no verdict', ['SUCCESS', 'INFO'], ['SUCCESS'], []],
    ['more events of no verdict', ['SUCCESS'], ['SUCCESS', 'INFO'], []],
    [
      'an extra failure after a clean run',
      ['SUCCESS'],
      ['SUCCESS', 'FAILURE'],
      ['worse id Name #2 MISSING FAILURE'],
    ],
    ['an extra failure after a run that broke off', ['FAILURE'], ['FAILURE', 'FAILURE'], []],
  ]

  it.each(cases)('%s', (_, direct, gateway, expected) => {
    const found = compareRuns(run(...direct), run(...gateway))
    expect(found.map((d) => `${d.verdict} ${d.check} ${d.direct} ${d.gateway}`)).toEqual(expected)
  })

  it('a scenario that did not run through the gateway is worse', () => {
    expect(compareRuns(run('SUCCESS'), new Map())).toMatchObject([{ scenario: 'scenario', verdict: 'worse' }])
  })
})

describe('startShim', () => {
  it('adds the token and passes the rest byte for byte, both ways', async () => {
    const heard: string[][] = []
    const target = createServer((req, res) => {
      heard.push(req.rawHeaders)
      res.writeHead(202, 'Fine', ['X-Twice', 'a', 'x-twice', 'b'])
      req.pipe(res)
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const shim = await startShim(`http://127.0.0.1:${(target.address() as AddressInfo).port}/mcp`, 'abc')
    const request =
      'POST /mcp?a=%2f HTTP/1.1\r\nHost: evil.example\r\nMCP-Thing:  x \r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'
    const answer = await exchange(new URL(shim.url).port, request)
    await shim.close()
    await new Promise((resolve) => target.close(resolve))

    const sent = ['Host', 'evil.example', 'MCP-Thing', 'x', 'Content-Length', '2', 'Connection', 'close']
    expect(heard).toEqual([[...sent, 'Authorization', 'Bearer abc']])
    expect(answer).toMatch(/^HTTP\/1\.1 202 Fine\r\nX-Twice: a\r\nx-twice: b\r\n/)
    expect(answer).toContain('hi')
  })
})

async function exchange(port: string, text: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}
