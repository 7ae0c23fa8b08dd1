// docs/incident.md: each command of it runs as it stands there, in its order, beside a gateway with clients that are
// connected, and does what the page says. What the page does about a server that changed is run by commands.test.ts.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../src/cli/cli.ts'
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { startGateway } from '../../src/gateway/gateway.ts'
import { createLog } from '../../src/observe/log.ts'
import { authorize, type ClientHabits, refresh, signIn } from '../as/clients/sign-in.ts'
import { ask, callTool, PASSWORD, settingsOf, startWhole, type Whole } from '../as/clients/whole.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { BLOCKS, wordOf } from './page.ts'

const PAGE = 'docs/incident.md'
const OTHER_SECRET = 'b8Xk2VnQ7rTzLmJ4sWcH9eYpD6uGfA3R'
const blocks = BLOCKS.filter(({ page, language }) => page === PAGE && language === 'sh')

let whole: Whole
let habits: ClientHabits
beforeEach(async () => {
  whole = await startWhole()
  const redirectUri = 'https://client.example/callback'
  habits = { redirectUri, scope: 'notes:read', state: 's', resource: whole.resource }
})
afterEach(() => whole.close())

/** Runs the lines of a block, with ids in the places that the page has words for; what they printed. */
async function follow(name: string, ids: Readonly<Record<string, string>> = {}): Promise<string> {
  const lines = blocks
    .filter((block) => wordOf(block, 'for') === name)
    .flatMap(({ text }) => text.trim().split('\n'))
  expect(lines.length).toBeGreaterThan(0)
  let printed = ''
  for (const line of lines) {
    const [program, ...words] = line.split(' ').map((word) => ids[word] ?? word)
    expect(program).toBe('portcullis')
    const io = recordingIo({ cwd: whole.folder })
    expect([line, await cli(words, io), io.err()]).toEqual([line, 0, ''])
    printed += io.out()
  }
  return printed
}

describe('docs/incident.md', () => {
  test('each block of commands is followed by a test below', () => {
    expect(blocks.map((block) => wordOf(block, 'for'))).toEqual(['audit', 'token', 'key', 'person'])
  })

  test('the audit is summed up', async () => {
    await signIn(whole, habits)
    expect(await follow('audit')).not.toBe('')
  })

  test('a token leaked: it is refused, and so is all that came with it; others go on', async () => {
    const person = whole.person()
    const [leaked, other] = [await signIn(whole, habits, person), await signIn(whole, habits)]
    const { id, secret } = await whole.operator.clients.add({
      name: 'robot',
      redirectUris: [],
      isPublic: false,
    })
    const robot = await robotToken(id, secret)
    const [grant] = await whole.operator.grants.list({ clientId: leaked.clientId })
    const printed = await follow('token', { GRANT: grant?.id ?? '', CLIENT: id })
    expect(printed).toContain('/account/reset?token=')
    for (const token of [leaked.accessToken, robot]) expect((await callTool(whole, token)).status).toBe(401)
    expect((await refresh(whole, leaked.clientId, leaked.refreshToken)).json['error']).toBe('invalid_grant')
    expect((await callTool(whole, other.accessToken)).status).toBe(200)
    person.takePages()
    await authorize(whole, habits, leaked.clientId, person)
    expect(person.takePages()[0]?.heading).toContain('Sign in')
  })

  test('a key leaked: nothing that it signed is taken, and the data opens with another one', async () => {
    const { accessToken, clientId, refreshToken } = await signIn(whole, habits)
    const next = readFileSync(join(whole.folder, 'gateway.yaml'), 'utf8').replace(
      `data: ${whole.data}`,
      `data: ${join(whole.folder, 'next.sqlite')}\n  cookie_secret: file:${join(whole.folder, 'next.secret')}`,
    )
    writeFileSync(join(whole.folder, 'next.secret'), OTHER_SECRET, { mode: 0o600 })
    writeFileSync(join(whole.folder, 'next.yaml'), next)
    await whole.whileStopped(async () => {
      await follow('key')
      const log = createLog('error', { write: () => undefined })
      const gateway = await startGateway({ settings: settingsOf(next), log })
      expect((await callTool(whole, accessToken)).status).toBe(401)
      expect((await refresh(whole, clientId, refreshToken)).json['error']).toBe('invalid_grant')
      const again = await authorize(whole, habits, clientId)
      expect((await callTool(whole, again.accessToken)).status).toBe(200)
      await gateway.close(100)
    })
  })

  test('a person left: nothing of theirs goes on, and they do not come back', async () => {
    await whole.operator.users.add('bob', PASSWORD)
    const bob = () => createDemoPerson({ name: 'bob', password: PASSWORD, fetch })
    const theirs = await signIn(whole, habits, bob())
    const others = await signIn(whole, habits)
    const printed = await follow('person', { CLIENT: theirs.clientId })
    expect(printed).toContain('no grants')
    expect(printed).toMatch(/^bob .* disabled /m)
    expect((await callTool(whole, theirs.accessToken)).status).toBe(401)
    await expect(signIn(whole, habits, bob())).rejects.toThrow(/the page says/)
    expect((await callTool(whole, others.accessToken)).status).toBe(200)
  })
})

async function robotToken(id: string, secret: string | undefined): Promise<string> {
  const { json } = await ask(`${whole.origin}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${id}:${secret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: whole.resource }).toString(),
  })
  const token = String(json['access_token'])
  expect((await callTool(whole, token)).status).toBe(200)
  return token
}
