// The parts of the conformance runs that could hide a regression: the comparison, the count of what is not green, and
// the shims that must change nothing but one thing. None needs the runner.
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { report } from '../../scripts/conformance/authorization.ts'
import { type Check, compareRuns } from '../../scripts/conformance/compare.ts'
import { startSecretShim } from '../../scripts/conformance/secret-shim.ts'
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

describe('the report on the authorization server', () => {
  const both: Record<string, Status> = {
    'authorization-code-grant': 'SUCCESS',
    'authorization-server-metadata-endpoint': 'SUCCESS',
  }
  const cases: [string, Record<string, Status>, number][] = [
    ['all green', both, 0],
    ['a failure', { ...both, 'authorization-code-grant': 'FAILURE' }, 1],
    ['one that was not tried', { ...both, 'authorization-code-grant': 'SKIPPED' }, 1],
    ['a warning in a scenario that nobody named here', { ...both, 'new-scenario': 'WARNING' }, 1],
    ['a scenario that did not run', { 'authorization-code-grant': 'SUCCESS' }, 1],
    ['nothing ran', {}, 2],
  ]
  it.each(cases)('%s', (title, statuses, expected) => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const scenarios = new Map(
      Object.entries(statuses).map(([name, status]) => [name, [{ id: name, name, status }] as Check[]]),
    )
    expect(report(title, scenarios)).toBe(expected)
    expect(said.mock.calls.join('\n')).toContain(`not green ${expected}`)
    said.mockRestore()
  })
})

describe('startSecretShim', () => {
  it('leaves ways without a secret out of the metadata, and everything else as it is', async () => {
    const metadata = { issuer: 'x', token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'] }
    const target = createServer((req, res) => {
      res.writeHead(req.method === 'POST' ? 401 : 200, { 'content-type': 'application/json' })
      res.end(JSON.stringify(metadata))
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const shim = await startSecretShim(() => `http://127.0.0.1:${(target.address() as AddressInfo).port}`)
    const document = await (await fetch(`${shim.url}/.well-known/oauth-authorization-server`)).json()
    const other = await fetch(`${shim.url}/token`, { method: 'POST', body: 'a=b' })
    expect(document).toEqual({ issuer: 'x', token_endpoint_auth_methods_supported: ['client_secret_basic'] })
    expect([other.status, await other.json()]).toEqual([401, metadata])
    await shim.close()
    target.closeAllConnections()
    await new Promise((resolve) => target.close(resolve))
  })
})

async function exchange(port: string, text: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}
