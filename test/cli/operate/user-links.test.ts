// `users reset` and `users add --link`: a link for somebody who has no way in, and what `users list` says of ways in.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openOperator } from '../../../src/as/operate/operator.ts'
import { dataSecret } from '../../../src/as/store/data-secret.ts'
import { openData } from '../../../src/as/store/open-data.ts'
import { cli } from '../../../src/cli/cli.ts'
import { folderWith, type RecordingOptions, recordingIo } from '../shared/recording-io.ts'

const PASSWORD = 'correct horse battery'

async function run(line: string, options: RecordingOptions = {}) {
  const io = recordingIo(options)
  const code = await cli(line.split(' '), io)
  return { code, out: io.out(), err: io.err() }
}

const yaml = (signIn = '') => `
public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
issuers: { i: { embedded: true } }
authorization_server: { data: as.sqlite${signIn} }
routes:
  - { name: a, path: /a, upstream: "http://127.0.0.1:1/mcp", issuers: [i], policy: { default: allow } }
`

async function withAda(file = yaml()): Promise<string> {
  const cwd = folderWith({ 'gateway.yaml': file })
  expect((await run('users add ada --password-stdin', { cwd, stdin: PASSWORD })).code).toBe(0)
  return cwd
}

test('reset prints one link at public_url, with its end, and keeps no copy of its token', async () => {
  const cwd = await withAda()
  const { code, out } = await run('users reset ADA', { cwd })
  expect(code).toBe(0)
  expect(out).toMatch(
    /^For ADA alone, once, until .+:\nhttps:\/\/mcp\.example\.com\/account\/reset\?token=[\w-]{43}\n$/,
  )
  const token = /token=([\w-]+)/.exec(out)?.[1] ?? ''
  for (const file of readdirSync(cwd)) expect(readFileSync(join(cwd, file)).includes(token)).toBe(false)
})

test('as JSON, and the path alone where only the data is named', async () => {
  const cwd = await withAda()
  const told = JSON.parse((await run('users reset ada --json', { cwd })).out)
  expect(told).toEqual({
    user: 'ada',
    url: expect.stringMatching(/^https:\/\/mcp\.example\.com\/account\/reset\?token=/),
    until: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
  const { out } = await run('users reset ada --data as.sqlite', { cwd })
  expect(out).toMatch(/, at the address of the gateway:\n\/account\/reset\?token=[\w-]{43}\n$/)
})

test('add --link asks for no password, and the list says that there is no way in yet', async () => {
  const cwd = folderWith({ 'gateway.yaml': yaml() })
  const added = await run('users add bob --link', { cwd })
  expect([added.code, added.out]).toEqual([0, expect.stringContaining('/account/reset?token=')])
  expect((await run('users list', { cwd })).out).toMatch(/^bob +nothing yet /m)
})

test('the list says with what each person signs in', async () => {
  const cwd = await withAda()
  const settings = { data: join(cwd, 'as.sqlite'), cookieSecret: undefined }
  const options = { secret: dataSecret(settings), clock: { now: () => Date.now() } }
  const store = await openData(settings.data, options)
  for (const id of ['one', 'two'])
    await store.passkeys.add({
      ...{ id, subject: 'ada', rpId: 'mcp.example.com', userHandle: 'aGFuZGxl', counter: 0 },
      ...{ publicKey: new Uint8Array([1]), transports: [], name: 'Key', isSynced: false },
    })
  await store.close()
  expect((await run('users list', { cwd })).out).toMatch(/^ada +password, 2 passkeys /m)
})

test.each([
  ['nobody', /there is no user nobody/],
  ['off', /off is disabled; let them in with: portcullis users enable off/],
])('reset %s is refused, and says what to do', async (name, told) => {
  const cwd = await withAda()
  await run('users add off --password-stdin', { cwd, stdin: PASSWORD })
  await run('users disable off', { cwd })
  expect(await run(`users reset ${name}`, { cwd })).toMatchObject({
    code: 1,
    err: expect.stringMatching(told),
  })
})

test('a password for somebody who could not use it is told', async () => {
  const cwd = folderWith({ 'gateway.yaml': yaml(', sign_in: { passwords: false, passkeys: true }') })
  const { code, out } = await run('users add ada --password-stdin', { cwd, stdin: PASSWORD })
  expect([code, out]).toEqual([
    0,
    'ada added; sign_in.passwords is false, so give them a link: portcullis users reset ada\n',
  ])
})

test('a gateway writes down who made the link, and never its token', async () => {
  const cwd = await withAda()
  const settings = { data: join(cwd, 'as.sqlite'), cookieSecret: undefined }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'operator olga' })
  const made = await operator.users.reset('ada')
  await operator.close()
  const options = { secret: dataSecret(settings), clock: { now: () => Date.now() } }
  const store = await openData(settings.data, options)
  const told = await store.outbox.take()
  await store.close()
  expect(told).toContainEqual(
    expect.objectContaining({ event: 'user_reset', actor: 'operator olga', subject: 'ada' }),
  )
  expect(JSON.stringify(told)).not.toContain(made.ok ? made.token : 'none')
})
