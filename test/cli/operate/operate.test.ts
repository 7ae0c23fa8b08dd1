// `users`, `clients`, `grants` and `keys` as commands: words, exit codes, JSON, and that nothing secret is shown twice.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openOperator } from '../../../src/as/operate/operator.ts'
import { cli } from '../../../src/cli/cli.ts'
import { folderWith, type RecordingOptions, recordingIo } from '../shared/recording-io.ts'

const PASSWORD = 'correct horse battery'

async function run(line: string, options: RecordingOptions = {}) {
  const io = recordingIo(options)
  const code = await cli(line.split(' '), io)
  return { code, out: io.out(), err: io.err() }
}

/** A folder with the data of `protect` and one user. */
async function withAda(): Promise<string> {
  const cwd = folderWith({})
  expect(await run('users add ada --password-stdin', { cwd, stdin: `${PASSWORD}\n` })).toMatchObject({
    code: 0,
  })
  return cwd
}

const json = (text: string) => JSON.parse(text) as unknown

describe('users', () => {
  test('add makes the data, readable by its owner only; list tells of her', async () => {
    const cwd = await withAda()
    expect(statSync(join(cwd, '.portcullis/as.sqlite')).mode & 0o077).toBe(0)
    const { out } = await run('users list', { cwd })
    expect(out).toMatch(/^NAME +SIGNS IN WITH .*\nada +password +- +- +may sign in +-\n$/)
    expect(json((await run('users list --json', { cwd })).out)).toMatchObject([
      { subject: 'ada', disabled: false },
    ])
  })

  test('disable and enable', async () => {
    const cwd = await withAda()
    expect(await run('users disable ada', { cwd })).toMatchObject({ code: 0, out: 'ada disabled\n' })
    expect((await run('users list', { cwd })).out).toContain('disabled')
    expect(await run('users enable ada --json', { cwd })).toMatchObject({
      code: 0,
      out: '{\n  "user": "ada"\n}\n',
    })
    expect((await run('users list', { cwd })).out).toContain('may sign in')
  })

  test('a password is asked for twice at a terminal', async () => {
    const cwd = folderWith({})
    const right = await run('users add bob', { cwd, answers: [PASSWORD, PASSWORD] })
    expect(right).toMatchObject({ code: 0, out: 'bob added\n' })
    const wrongTurns = [PASSWORD, 'something else', 'short', PASSWORD, PASSWORD]
    expect(await run('users passwd bob', { cwd, answers: wrongTurns })).toMatchObject({
      code: 0,
      err: 'the two were not the same; try again\na password needs at least 10 characters; try again\n',
    })
    const other = await run('users passwd bob', { cwd, answers: ['short', 'short', 'short'] })
    expect(other.code).toBe(1)
    expect(other.err).toMatch(/\nportcullis users: a password needs at least 10 characters\n$/)
    expect(await run('users passwd bob', { cwd, answers: [''] })).toMatchObject({ code: 1 })
  })

  const cases: [string, string, string | undefined, number, RegExp][] = [
    ['a short password', 'users add eve --password-stdin', 'short', 1, /at least 10 characters/],
    ['no password', 'users add eve --password-stdin', '', 1, /holds no password/],
    ['nobody to ask', 'users add eve', undefined, 1, /--password-stdin/],
    ['a name that is taken', 'users add ADA --password-stdin', PASSWORD, 1, /a user ada already/],
    ['a name that cannot be one', 'users add a:b --password-stdin', PASSWORD, 1, /letters, digits/],
    ['an unknown person', 'users disable nobody', undefined, 1, /no user nobody/],
    ['an unknown person, again', 'users passwd nobody --password-stdin', PASSWORD, 1, /no user nobody has/],
    ['no word', 'users', undefined, 2, /say one of add, passwd/],
    ['a wrong word', 'users lst', undefined, 2, /did you mean "list"/],
    ['no name', 'users add', undefined, 2, /add needs a name/],
    ['a word too many', 'users list all', undefined, 2, /list takes no further word/],
    [
      'a password on the command line',
      'users add eve --password x',
      undefined,
      2,
      /unknown option --password/,
    ],
  ]
  test.each(cases)('%s', async (_, line, stdin, code, told) => {
    const cwd = await withAda()
    const result = await run(line, { cwd, ...(stdin === undefined ? {} : { stdin }) })
    expect(result.code).toBe(code)
    expect(result.err).toMatch(told)
    expect(result.out).toBe('')
  })
})

describe('clients', () => {
  test('add, show, rotate-secret, remove: a secret is shown when it is made, and never again', async () => {
    const cwd = await withAda()
    const made = json(
      (await run('clients add desk --redirect-uri https://desk.example/cb --json', { cwd })).out,
    )
    const { id, secret } = made as { id: string; secret: string }
    const shown = await run(`clients show ${id}`, { cwd })
    expect(shown.out).toMatch(/sends people to {2}https:\/\/desk\.example\/cb\n/)
    const listed = await run('clients list --json', { cwd })
    expect(json(listed.out)).toMatchObject([{ id, name: 'desk', origin: 'operator', grants: 0 }])
    expect(shown.out + listed.out).not.toContain(secret)
    const rotated = await run(`clients rotate-secret ${id} --json`, { cwd })
    expect(json(rotated.out)).toMatchObject({ id, secret: expect.not.stringContaining(secret) })
    expect(await run(`clients remove ${id}`, { cwd })).toMatchObject({ code: 0 })
    expect(await run(`clients show ${id}`, { cwd })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no such client/),
    })
  })

  test('a public client has no secret to rotate', async () => {
    const cwd = await withAda()
    const made = await run('clients add phone --public --redirect-uri http://127.0.0.1/cb --json', { cwd })
    const { id } = json(made.out) as { id: string }
    expect(made.out).not.toContain('secret')
    const refused = await run(`clients rotate-secret ${id}`, { cwd })
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/or it has no secret/) })
  })

  test('K05: a name cannot write to the terminal of an operator', async () => {
    const cwd = await withAda()
    const operator = await openOperator({
      settings: { data: join(cwd, '.portcullis/as.sqlite'), cookieSecret: undefined },
      clock: { now: () => Date.now() },
      actor: 'test',
    })
    await operator.clients.add({ name: 'a\u001b[2Jb\nc\u202ed', redirectUris: [], isPublic: false })
    await operator.close()
    expect((await run('clients list', { cwd })).out).toContain('a�[2Jb�c�d')
  })

  test.each([
    ['clients add x --public', /needs --redirect-uri/],
    ['clients add x --redirect-uri here', /whole URL/],
    ['clients remove nothing', /no such client/],
  ])('%s', async (line, told) => {
    const result = await run(line, { cwd: await withAda() })
    expect(result).toMatchObject({ code: 1, err: expect.stringMatching(told) })
  })
})

describe('grants and keys', () => {
  test('nothing to revoke, and nothing said of what', async () => {
    const cwd = await withAda()
    expect(await run('grants list', { cwd })).toMatchObject({ code: 0, out: 'no grants\n' })
    expect(await run('grants revoke abc', { cwd })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no such grant/),
    })
    expect(await run('grants revoke', { cwd })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/say which/),
    })
  })

  test.each([
    'grants revoke -0123456789abcdefghijkl --json',
    'grants revoke --client -0123456789abcdefghijkl',
    'grants revoke --user ada --client --0123456789abcdefghijkl',
    'clients remove -0123456789abcdefghijkl',
  ])('an id that begins with a dash is an id: %s', async (line) => {
    const result = await run(line, { cwd: await withAda() })
    expect(result).toMatchObject({ code: 1, err: expect.stringMatching(/there is no such (grant|client)/) })
  })

  test('A49 keys: the new one signs, the one before it is published', async () => {
    const cwd = await withAda()
    const before = json((await run('keys list --json', { cwd })).out) as { kid: string }[]
    const { kid } = json((await run('keys rotate --json', { cwd })).out) as { kid: string }
    const after = json((await run('keys list --json', { cwd })).out)
    expect(after).toMatchObject([
      { kid, signs: true },
      { kid: before[0]?.kid, signs: false, publishedUntil: expect.any(Number) },
    ])
    expect((await run('keys list', { cwd })).out).not.toContain('"d"')
  })
})

describe('whose data it is', () => {
  const yaml = (rest: string) => `
public_url: http://127.0.0.1:8080
issuers:
  ${rest}
routes:
  - { name: a, path: /a, upstream: "http://127.0.0.1:1/mcp", issuers: [i], scopes: [a], policy: { rules: [{ name: all, tools: ["*"], scopes: [a] }] } }
`
  test('the file says where, relative to itself', async () => {
    const block = 'i: { embedded: true }\nauthorization_server: { data: kept/here.sqlite }'
    const cwd = folderWith({ 'gateway.yaml': yaml(block) })
    expect((await run('users add ada --password-stdin', { cwd, stdin: PASSWORD })).err).toBe('')
    expect(existsSync(join(cwd, 'kept/here.sqlite'))).toBe(true)
    const elsewhere = join(cwd, 'elsewhere')
    mkdirSync(elsewhere)
    for (const [line, from] of [
      ['users list -c ../gateway.yaml', elsewhere],
      ['users list --data kept/here.sqlite', cwd],
    ] as const)
      expect((await run(line, { cwd: from })).out).toContain('ada')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('a file that is no database is named', async () => {
    const cwd = folderWith({
      'notes.txt': 'these are no people, and there are enough of them to be no database',
    })
    const { code, err } = await run('users list --data notes.txt', { cwd })
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/notes\.txt cannot be used: file is not a database/),
    ])
  })

  test('A50: another cookie_secret is noticed', async () => {
    const secret = () =>
      yaml(
        `i: { embedded: true }\nauthorization_server: { data: a.sqlite, cookie_secret: "${randomBytes(32).toString('hex')}" }`,
      )
    const cwd = folderWith({ 'gateway.yaml': secret(), 'other.yaml': secret() })
    expect((await run('users add ada --password-stdin', { cwd, stdin: PASSWORD })).code).toBe(0)
    const result = await run('users list -c other.yaml', { cwd })
    expect(result).toMatchObject({
      code: 1,
      err: expect.stringMatching(/sealed with another key: put back the `cookie_secret`/),
    })
  })

  test('A50: a key that is lost is noticed, and no other is made in its place', async () => {
    const cwd = folderWith({})
    const { code } = await run('users add ada --password-stdin --data as.sqlite', { cwd, stdin: PASSWORD })
    expect(code).toBe(0)
    rmSync(join(cwd, 'as.sqlite.key'))
    const result = await run('users list --data as.sqlite', { cwd })
    expect(result).toMatchObject({ code: 1, err: expect.stringMatching(/is not here: put back .*\.key/) })
    expect(existsSync(join(cwd, 'as.sqlite.key'))).toBe(false)
  })

  test.each<[string, string, number, RegExp]>([
    ['no embedded server', 'i: { issuer: "https://a.example" }', 1, /no embedded authorization server/],
    ['a broken file', 'i: { embeded: true }', 78, /embeded/],
  ])('%s', async (_, issuer, code, told) => {
    const cwd = folderWith({ 'gateway.yaml': yaml(issuer) })
    const result = await run('users list', { cwd })
    expect(result).toMatchObject({ code, err: told })
  })

  test('no data yet: nothing is made by looking', async () => {
    const cwd = folderWith({})
    expect(await run('grants list', { cwd })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no data/),
    })
    expect(existsSync(join(cwd, '.portcullis'))).toBe(false)
  })

  test('data in a place that cannot be looked at is not told as absent', async () => {
    const cwd = folderWith({ file: 'no folder' })
    const { code, err } = await run('grants list --data file/as.sqlite', { cwd })
    expect([code, err]).toEqual([1, expect.stringMatching(/ may not read .*file\/as\.sqlite; run this as/)])
  })
})
