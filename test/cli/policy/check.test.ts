// `portcullis check`: fine, broken and doubtful files, for people and for programs.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run as check } from '../../../src/cli/policy/check.ts'
import { gatewayYaml } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

async function run(text: string, args: readonly string[] = []) {
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': text }) })
  return { code: await check(args, io), out: io.out(), err: io.err(), cwd: io.cwd }
}

const broken = gatewayYaml().replace('listen:', 'lisen:').replace('issuers: [dev]', 'issuers: [prod]')
const shadowed = gatewayYaml(['{ name: again, tools: [list_notes], scopes: [notes:read] }'])

describe('portcullis check', () => {
  test('a good file: 0, and a line that says so', async () => {
    expect(await run(gatewayYaml())).toMatchObject({
      code: 0,
      out: 'gateway.yaml is fine: 1 route, 1 issuer\n',
      err: '',
    })
  })

  test('Y27: a broken file: 78, and every problem at once with its place', async () => {
    const { code, out, err, cwd } = await run(broken)
    expect([code, out]).toEqual([78, ''])
    expect(err).toContain(`${join(cwd, 'gateway.yaml')}:2:1: `)
    expect(err).toContain('did you mean "listen"?')
    expect(err).toContain('prod')
    expect(err).toMatch(/2 problems; mend the file and check it again\n$/)
  })

  test('Y08: a shadowed rule is a problem too', async () => {
    const { code, err } = await run(shadowed)
    expect(code).toBe(78)
    expect(err).toContain('shadowed by rule `reading`')
  })

  test('a doubtful file: 0, with its warnings', async () => {
    const { code, err } = await run(
      gatewayYaml().replace('policy:', 'policy:\n      anonymous: [tools/list]'),
    )
    expect(code).toBe(0)
    expect(err).toMatch(/:12:7: warning: .*without a token/)
  })

  test('--json: the same as data', async () => {
    const { code, out, err } = await run(broken, ['--json'])
    expect([code, err]).toEqual([78, ''])
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: [{ severity: 'error', line: 2, column: 1 }, { severity: 'error' }],
    })
    expect(JSON.parse((await run(gatewayYaml(), ['--json'])).out)).toEqual({ ok: true, problems: [] })
  })

  test('Y25: a file that is not there: 78', async () => {
    const { code, err } = await run('', ['-c', 'other.yaml'])
    expect(code).toBe(78)
    expect(err).toContain('other.yaml')
  })

  test('a word too many is wrong use', async () => {
    expect((await run('', ['gateway.yaml'])).code).toBe(2)
  })
})
