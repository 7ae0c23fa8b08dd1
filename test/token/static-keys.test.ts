// verifier: static_keys (B16): keys for machines by their hashes, with an end, and nobody asked.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { StaticKey } from '../../src/core/settings-verifier.ts'
import { type Judged, KEEPING, openJudged } from './judged.ts'
import { fakeClock, NOW, outcome } from './scene.ts'

const KEY = 'pk_0123456789abcdefghijklmnopqrstuvwxyz'
const clock = fakeClock()

function keyOf(secret: string, over: Partial<StaticKey> = {}): StaticKey {
  return {
    name: 'ci',
    sha256: createHash('sha256').update(secret).digest('hex'),
    ...{ subject: 'ci-bot', client: 'ci', scopes: ['a'], roles: ['robot'], expiresAt: NOW + 86_400 * 400 },
    ...over,
  }
}

function open(...keys: readonly StaticKey[]): Judged {
  const claims = { subject: ['sub'], scopes: ['scope'], client: ['client_id'], roles: ['roles'] }
  const maxLifetimeSeconds = Number.MAX_SAFE_INTEGER
  return openJudged({ kind: 'static_keys', keys, ...KEEPING }, clock, { claims, maxLifetimeSeconds })
}

describe('B16: static keys', () => {
  test('the holder of a key, with what the file says of it', async () => {
    const result = await open(keyOf('other'.repeat(8)), keyOf(KEY)).verify(KEY)
    expect(result.ok && result.value).toMatchObject({
      ...{ subject: 'ci-bot', clientId: 'ci', roles: ['robot'], expiresAt: NOW + 86_400 * 400 },
    })
    expect(result.ok && [...result.value.scopes]).toEqual(['a'])
  })

  test.each([
    ['another key', `${KEY}0`],
    ['the key in other letters', KEY.toUpperCase()],
    ['its hash', keyOf(KEY).sha256],
    ['a beginning of it', KEY.slice(0, -1)],
  ])('%s', async (_name, shown) => {
    expect(outcome(await open(keyOf(KEY)).verify(shown))).toBe('inactive')
  })

  test('an expired key is refused, and told of at the start', async () => {
    const route = open(keyOf(KEY, { expiresAt: NOW - 60 }))
    expect(outcome(await route.verify(KEY))).toBe('expiry')
    expect(await route.probe()).toEqual(['issuer corp: the key ci has expired'])
    expect(await open(keyOf(KEY)).probe()).toEqual([])
  })

  test('require_active is answered by the file', async () => {
    expect(outcome(await open(keyOf(KEY)).confirmActive(KEY))).toBe('ok')
  })
})
