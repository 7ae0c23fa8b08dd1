// What one gateway did is known to another: at once where it was done, soon elsewhere, and where that cannot be known
// nothing is answered.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeSigningKey } from '../../../src/as/store/keys.ts'
import { openPostgres } from '../../../src/as/store/postgres/open-postgres.ts'
import type { Store } from '../../../src/as/store/store.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'

const OPTIONS = { secret: Buffer.alloc(32, 7), clock: { now: () => Date.now() } }
const SOON = { timeout: 2_000, interval: 10 }

describe.skipIf(!hasPostgres)('two gateways', () => {
  let postgres: TestPostgres
  let here: Store
  let there: Store
  let made = 0
  let schema = ''
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())
  beforeEach(async () => {
    made += 1
    schema = `feed_${made}`
    here = await openPostgres(postgres.url(schema), OPTIONS)
    there = await openPostgres(postgres.url(schema), OPTIONS)
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await here.close()
    await there.close()
  })

  test('F34: what is revoked counts at once here, and within 2 s there', async () => {
    await here.revocations.add('grant', 'g')
    expect(here.live.revokedAt('grant', 'g')).toBeTypeOf('number')
    await vi.waitFor(() => expect(there.live.revokedAt('grant', 'g')).toBeTypeOf('number'), SOON)
  })

  test('F34: who is shut out is out there too, although they were just asked about', async () => {
    await here.users.add('ada', 'hash')
    expect(await there.live.person('ada')).toMatchObject({ disabled: false })
    await here.users.setDisabled('ada', true)
    expect(await here.live.person('ada')).toMatchObject({ disabled: true })
    await vi.waitFor(
      async () => expect(await there.live.person('ada')).toMatchObject({ disabled: true }),
      SOON,
    )
  })

  test('a person who was asked about is answered from memory', async () => {
    await here.users.add('ada', 'hash')
    // What the feed says of the new person may come after the first question, and then it is asked once more.
    await vi.waitFor(async () => {
      expect(await there.live.person('ada')).toMatchObject({ subject: 'ada' })
      expect(there.live.person('ada')).not.toBeInstanceOf(Promise)
    }, SOON)
  })

  test('a new key signs there too, and both have the same ones', async () => {
    const fresh = await makeSigningKey()
    await here.signingKeys.rotate(fresh, 60_000)
    const kids = (store: Store) => store.live.signingKeys().map(({ kid }) => kid)
    expect(kids(here)[0]).toBe(fresh.kid)
    await vi.waitFor(() => expect(kids(there)).toEqual(kids(here)), SOON)
  })

  test('require_active: after catching up nothing is missing, without any wait', async () => {
    for (let round = 0; round < 20; round += 1) {
      await here.revocations.add('token', `t${round}`)
      await there.live.catchUp?.()
      expect(there.live.revokedAt('token', `t${round}`)).toBeTypeOf('number')
    }
  })

  test('F35: a transaction that commits late is not skipped', async () => {
    const begun = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const late = here.transaction(async ({ revocations }) => {
      await revocations.add('grant', 'late')
      begun.resolve()
      await mayEnd.promise
    })
    await begun.promise
    await here.revocations.add('grant', 'early')
    await there.live.catchUp?.()
    expect(there.live.revokedAt('grant', 'early')).toBeTypeOf('number')
    expect(there.live.revokedAt('grant', 'late')).toBeUndefined()
    mayEnd.resolve()
    await late
    await there.live.catchUp?.()
    expect(there.live.revokedAt('grant', 'late')).toBeTypeOf('number')
  })

  test('F35: nor does one that is open for long hold anything up', async () => {
    const begun = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const foreign = here.transaction(async ({ users }) => {
      await users.add('slow', 'hash')
      begun.resolve()
      await mayEnd.promise
    })
    await begun.promise
    for (const id of ['a', 'b', 'c']) {
      await here.revocations.add('grant', id)
      await there.live.catchUp?.()
      expect(there.live.revokedAt('grant', id)).toBeTypeOf('number')
    }
    mayEnd.resolve()
    await foreign
  })

  test('a revocation of before a lost connection is known after it', async () => {
    await postgres.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'portcullis ${schema} changes'`)
    await here.revocations.add('grant', 'g')
    await vi.waitFor(() => expect(there.live.revokedAt('grant', 'g')).toBeTypeOf('number'), SOON)
  })

  test('a connection that is lost again and again is made again at last', async () => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portcullis ${schema} changes'`
    for (let time = 0; time < 40; time += 1) await postgres.sql(end)
    await here.revocations.add('grant', 'again')
    await vi.waitFor(() => expect(there.live.revokedAt('grant', 'again')).toBeTypeOf('number'), SOON)
  })

  test('F36: without a look for ten seconds nothing is answered, until there is one again', async () => {
    await postgres.kill()
    const real = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => real() + 9_000)
    expect(there.live.revokedAt('grant', 'g')).toBeUndefined()
    vi.spyOn(performance, 'now').mockImplementation(() => real() + 12_000)
    const asked = () => there.live.revokedAt('grant', 'g')
    expect(asked).toThrow(/^nothing was heard of changes elsewhere for 1\d s$/)
    expect(() => there.live.person('ada')).toThrow()
    await expect(there.live.catchUp?.()).rejects.toThrow()
    await postgres.start()
    await vi.waitFor(asked, { timeout: 10_000 })
  })
})
