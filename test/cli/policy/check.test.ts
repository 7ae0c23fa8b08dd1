// `portcullis check`: fine, broken and doubtful files, for people and for programs.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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

describe('--start: whether it could start here', () => {
  /** On free ports, with the embedded server. */
  const text = (listen: string) =>
    gatewayYaml().replace(
      /^listen: .*$/m,
      `listen: ${listen}\nadmin: { listen: 127.0.0.1:0 }\naudit: { file: log/audit.jsonl }`,
    )

  test('0 where nothing is in the way, and nothing was made', async () => {
    const { code, err, out } = await run(text('127.0.0.1:0'), ['--start'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('is fine')
  })

  test('an address where another program listens', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, err } = await run(text(`127.0.0.1:${port}`), ['--start'])
    other.close()
    expect(code).toBe(1)
    expect(err).toContain(
      `it would not start: cannot listen on 127.0.0.1:${port}: another program listens there already; write another address into the file, under \`listen\` or \`admin.listen\`\n`,
    )
  })

  test('a path that cannot be written: the key, the path, and what to do', async () => {
    const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': text('127.0.0.1:0') }) })
    writeFileSync(join(io.cwd, 'log'), 'a file where a folder should be')
    expect(await check(['--start', '--json'], io)).toBe(1)
    const { ok, start } = JSON.parse(io.out())
    expect(ok).toBe(false)
    expect(start).toEqual([
      expect.stringMatching(/^audit\.file: .*log cannot be written \(E[A-Z]+\); give it to /),
    ])
  })
})

test('data of a newer version is found without --start too, with the way back', async () => {
  const yaml = `public_url: http://127.0.0.1:8080
issuers: { builtin: { embedded: true } }
authorization_server: { data: data/as.sqlite }
routes:
  - { name: notes, path: /notes/mcp, upstream: http://127.0.0.1:3001/mcp, issuers: [builtin] }
`
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': yaml }) })
  expect(await check([], io)).toBe(0)
  mkdirSync(join(io.cwd, 'data'))
  const database = new DatabaseSync(join(io.cwd, 'data/as.sqlite'))
  database.exec('PRAGMA user_version = 1000')
  database.close()
  expect(await check([], io)).toBe(1)
  expect(io.err()).toMatch(
    /it would not start: .*as\.sqlite was changed by a newer version of Portcullis \(it has step 1000, and this version knows \d+\): run that version, or put back a copy from before the upgrade/,
  )
})
