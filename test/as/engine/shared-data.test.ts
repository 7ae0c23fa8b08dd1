// Two servers over one database, as two gateways have it: a client may come to either at the same moment.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'
import { createScene, redeem, refresh, type Scene, signIn } from './scene.ts'
import { isRevoked, newClient, newCode } from './steps.ts'

const ROUNDS = 10
const SETTINGS = { cookieSecret: new Secret('a secret that two gateways share, of 32 bytes') }

describe.skipIf(!hasPostgres)('two gateways', () => {
  let postgres: TestPostgres
  let one: Scene
  let other: Scene
  beforeAll(async () => {
    postgres = await startPostgres()
    const settings = { ...SETTINGS, data: postgres.url() }
    one = await createScene({ settings })
    // What a balancer in front makes of two: the same issuer and the same resource.
    other = await createScene({ settings, issuer: one.origin })
  })
  afterAll(async () => {
    await one?.stop()
    await other?.stop()
    await postgres?.stop()
    expect([...one.faults, ...other.faults]).toEqual([])
  })

  test('A12, A63: a code that is redeemed at both is redeemed once, and its grant goes on', async () => {
    const client = await newClient(one)
    for (let round = 0; round < ROUNDS; round += 1) {
      const code = await newCode(one, client)
      const answers = await Promise.all([redeem(one, code), redeem(other, code), redeem(one, code)])
      const good = answers.filter(({ status }) => status === 200)
      expect(answers.map(({ status, json }) => [status, json['error']]).toSorted()).toEqual([
        [200, undefined],
        [400, 'invalid_grant'],
        [400, 'invalid_grant'],
      ])
      expect(await isRevoked(other, good[0]?.json['access_token'])).toBe(false)
    }
  })

  test('A62: a client that refreshes at both at once gets one answer, which goes on', async () => {
    let { clientId, refreshToken } = await signIn(one)
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all(
        [one, other, one, other].map((scene) => refresh(scene, clientId, refreshToken)),
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      const tokens = new Set(answers.map(({ json }) => String(json['refresh_token'])))
      expect(tokens.size).toBe(1)
      refreshToken = [...tokens][0] ?? ''
    }
  })

  test('what was begun at one goes on at the other', async () => {
    const { clientId, refreshToken, accessToken } = await signIn(one)
    expect(await isRevoked(other, accessToken)).toBe(false)
    expect((await refresh(other, clientId, refreshToken)).status).toBe(200)
  })
})
