// A restored backup: nothing that was revoked, used or rotated after it lives again, since nothing that was issued does. A
// whole gateway with clients over sockets; what a copy brings back that is only put in place is shown first.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { storedSecret } from '../../../src/as/store/data-secret.ts'
import { keyPlace, makeSigningKey } from '../../../src/as/store/keys.ts'
import { MIGRATIONS } from '../../../src/as/store/sqlite/migrations.ts'
import { cli } from '../../../src/cli/cli.ts'
import { createSeal } from '../../../src/lib/seal.ts'
import { folderWith, recordingIo } from '../../cli/shared/recording-io.ts'
import {
  askForCode,
  authorize,
  type ClientHabits,
  exchangeCode,
  refresh,
  type SignedIn,
  signIn,
} from '../clients/sign-in.ts'
import { callTool, PASSWORD, startWhole, type Whole } from '../clients/whole.ts'

/** Steps that a version from before the newest one knew. */
const OLDER = MIGRATIONS.length - 1
const PAGE_BYTES = 4_096

let whole: Whole
let habits: ClientHabits
let copy: string
beforeEach(async () => {
  whole = await startWhole()
  habits = {
    redirectUri: 'https://client.example/callback',
    scope: 'notes:read',
    state: 's',
    resource: whole.resource,
  }
  copy = `${folderWith({})}/copy.sqlite`
})
afterEach(async () => {
  await whole.close()
  rmSync(dirname(copy), { recursive: true })
})

async function run(...words: readonly string[]) {
  const io = recordingIo({ cwd: dirname(copy) })
  const code = await cli([...words, '--data', whole.data], io)
  return { code, out: io.out(), err: io.err() }
}

/** Codes, refresh tokens and grants as they stood at the backup, and what became of each since then. */
async function liveThroughABackup() {
  const person = whole.person()
  const revoked = await signIn(whole, habits)
  const rotated = await signIn(whole, habits, person)
  const code = await askForCode(whole, habits, rotated.clientId, person)
  await whole.operator.users.add('bob', PASSWORD)
  expect(await run('backup', copy)).toMatchObject({ code: 0 })

  expect(await whole.operator.grants.revoke({ clientId: revoked.clientId })).toHaveLength(1)
  const next = await refresh(whole, rotated.clientId, rotated.refreshToken)
  expect(next.status).toBe(200)
  const exchanged = await exchangeCode(whole, habits, rotated.clientId, code)
  expect(exchanged.status).toBe(200)
  await whole.operator.users.disable('bob')
  const later = await signIn(whole, habits)
  return { person, revoked, rotated, code, next, exchanged, later }
}

function refreshOf({ clientId, refreshToken }: SignedIn) {
  return refresh(whole, clientId, refreshToken)
}

/** A copy as it stands, without its end: what `cp` does. */
async function putInPlace(): Promise<void> {
  for (const part of ['-wal', '-shm']) rmSync(whole.data + part, { force: true })
  copyFileSync(copy, whole.data)
}

/** The copy, after a statement. */
function changed(statement: string): string {
  const database = new DatabaseSync(copy)
  database.exec(statement)
  database.close()
  return copy
}

/** The copy, with other bytes in all pages but the first. */
function damaged(): string {
  const bytes = readFileSync(copy)
  writeFileSync(copy, bytes.fill(7, PAGE_BYTES))
  return copy
}

const accessTokenOf = ({ json }: { readonly json: Readonly<Record<string, unknown>> }) =>
  String(json['access_token'])

async function nothingIssuedLives(lived: Awaited<ReturnType<typeof liveThroughABackup>>): Promise<void> {
  const { revoked, rotated, code, next, exchanged, later } = lived
  const tokens = [revoked.accessToken, rotated.accessToken, later.accessToken]
  for (const token of [...tokens, accessTokenOf(next), accessTokenOf(exchanged)])
    expect((await callTool(whole, token)).status).toBe(401)
  for (const one of [revoked, rotated]) expect((await refreshOf(one)).json['error']).toBe('invalid_grant')
  const successor = await refresh(whole, rotated.clientId, String(next.json['refresh_token']))
  expect(successor.json['error']).toBe('invalid_grant')
  const again = await exchangeCode(whole, habits, rotated.clientId, code)
  expect(again.json['error']).toBe('invalid_grant')
  expect((await refreshOf(later)).json['error']).toBe('invalid_client') // made after the backup
  expect(await whole.operator.grants.list({})).toEqual([])
}

describe('after a restore', () => {
  test('a revoked grant, a used code and a rotated refresh token stay dead; people and clients are there', async () => {
    const lived = await liveThroughABackup()
    expect(await run('restore', copy)).toMatchObject({
      code: 1,
      err: expect.stringContaining('a gateway serves from'),
    })
    await whole.whileStopped(async () => {
      const { code, out } = await run('restore', copy)
      expect(code).toBe(0)
      expect(out).toMatch(/^artifacts +[1-9]\d*$/m)
      expect(out).toContain('bob stays disabled')
    })
    await nothingIssuedLives(lived)
    lived.person.takePages()
    const { accessToken } = await authorize(whole, habits, lived.rotated.clientId, lived.person)
    const headings = lived.person.takePages().map(({ heading }) => heading)
    expect(headings).toEqual([expect.stringContaining('Sign in'), expect.stringContaining('wants to use')])
    expect((await callTool(whole, accessToken)).status).toBe(200)
    expect(await whole.operator.users.list()).toMatchObject([
      { subject: 'ada', disabled: false },
      { subject: 'bob', disabled: true },
    ])
    const record = expect.objectContaining({ event: 'data_restored', actor: 'operator olga' })
    await vi.waitFor(() => expect(whole.audit()).toContainEqual(record), { timeout: 5_000 })
  })

  test('a copy that is only put in place brings all of it back, until restore --in-place ends it', async () => {
    const lived = await liveThroughABackup()
    await whole.whileStopped(putInPlace)
    expect((await callTool(whole, lived.revoked.accessToken)).status).toBe(200)
    expect((await refreshOf(lived.revoked)).status).toBe(200)
    const again = await exchangeCode(whole, habits, lived.rotated.clientId, lived.code)
    expect(again.status).toBe(200)
    await whole.whileStopped(async () => {
      expect(await run('restore')).toMatchObject({ code: 2, err: expect.stringContaining('say --in-place') })
      expect(await run('restore', '--in-place')).toMatchObject({ code: 0 })
    })
    await nothingIssuedLives(lived)
  })

  test('the data that was replaced is kept whole, for its owner only', async () => {
    const { later } = await liveThroughABackup()
    let replaced = ''
    await whole.whileStopped(async () => {
      const { out } = await run('restore', copy, '--json')
      replaced = (JSON.parse(out) as { replaced: string }).replaced
    })
    expect(statSync(replaced).mode & 0o777).toBe(0o600)
    expect(statSync(whole.data).mode & 0o777).toBe(0o600)
    await whole.whileStopped(async () => copyFileSync(replaced, whole.data))
    expect((await refreshOf(later)).status).toBe(200)
  })
})

describe('what a restore takes', () => {
  test('data that is damaged is replaced, and who was disabled in it is said to be unknown', async () => {
    const { later } = await liveThroughABackup()
    await whole.whileStopped(async () => {
      writeFileSync(whole.data, 'something else '.repeat(500))
      const { code, out } = await run('restore', copy)
      expect(code).toBe(0)
      expect(out).toContain('The data that was replaced cannot be read')
    })
    expect((await callTool(whole, later.accessToken)).status).toBe(401)
    expect((await whole.operator.users.list()).map(({ subject }) => subject)).toEqual(['ada', 'bob'])
  })

  test('a copy of an older version is brought up to date', async () => {
    const old = new DatabaseSync(copy)
    for (const statements of MIGRATIONS.slice(0, OLDER)) old.exec(statements)
    const { kid, jwk } = await makeSigningKey()
    const seal = createSeal(storedSecret(whole.data), 'payload')
    old
      .prepare('INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES (?, ?, 1)')
      .run(kid, seal.seal(JSON.stringify(jwk), keyPlace(kid)))
    old.exec(
      `INSERT INTO users (subject, name, created_at) VALUES ('eve', 'eve', 1); PRAGMA user_version = ${OLDER}`,
    )
    old.close()
    await whole.whileStopped(async () => {
      expect(await run('restore', copy)).toMatchObject({ code: 0, err: '' })
    })
    expect((await whole.operator.users.list()).map(({ subject }) => subject)).toEqual(['eve'])
  })
})

describe('a restore that cannot be', () => {
  const cases: [string, () => string, RegExp][] = [
    ['no such file', () => 'nothing.sqlite', /there is no backup at .*nothing\.sqlite/],
    ['another thing', () => `${whole.data}.key`, /is no backup: .*not a database/],
    ['the data itself', () => whole.data, /is the data itself/],
    [
      'another database',
      () => changed('DELETE FROM signing_keys'),
      /it is no data of an authorization server/,
    ],
    ['a copy of a newer version', () => changed('PRAGMA user_version = 999'), /by a newer version/],
    ['a damaged copy', damaged, /malformed|damaged/],
  ]
  test.each(cases)('%s is told, and the data stays', async (_what, named, told) => {
    const { accessToken } = await signIn(whole, habits)
    expect(await run('backup', copy)).toMatchObject({ code: 0 })
    await whole.whileStopped(async () => {
      const source = named()
      const before = readdirSync(dirname(whole.data)).sort()
      expect(await run('restore', source)).toMatchObject({ code: 1, err: expect.stringMatching(told) })
      expect(readdirSync(dirname(whole.data)).sort()).toEqual(before)
    })
    expect((await callTool(whole, accessToken)).status).toBe(200)
  })

  test('under another key it is refused, and the data stays', async () => {
    const { accessToken } = await signIn(whole, habits)
    const other = await startWhole()
    const io = recordingIo({ cwd: dirname(copy) })
    await cli(['backup', copy, '--data', other.data], io)
    await other.close()
    await whole.whileStopped(async () => {
      expect(await run('restore', copy)).toMatchObject({
        code: 1,
        err: expect.stringContaining('sealed with another key'),
      })
      const left = readdirSync(dirname(whole.data)).filter((name) => name.includes('restoring'))
      expect(left).toEqual([])
    })
    expect((await callTool(whole, accessToken)).status).toBe(200)
  })

  test('without a key beside the data no key is made', async () => {
    await run('backup', copy)
    await whole.whileStopped(async () => {
      const io = recordingIo({ cwd: dirname(copy) })
      const code = await cli(['restore', basename(copy), '--data', 'elsewhere/as.sqlite'], io)
      expect([code, io.err()]).toEqual([1, expect.stringContaining('put the key of the backup at')])
      expect(existsSync(`${dirname(copy)}/elsewhere`)).toBe(false)
    })
  })
})
