// Kept verdicts: the rows of J about clocks, cache keys and eviction, and what the hot path promises.
import { expect, test } from 'vitest'
import { createVerifier } from '../../src/token/verifier.ts'
import { bearer, NOW, openScene, outcome, RESOURCE } from '../token/scene.ts'

test('a known token is answered at once, with the very same Result', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  const first = await scene.verify(token)
  expect(await scene.verify(token)).toBe(first)
  expect(scene.verifier.prove(bearer(token), scene.clock.now())).toBe(first)
})

test('J32 expired stays expired when the clock is set back', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims({ exp: NOW + 10, iat: NOW - 3600 }))
  expect(outcome(await scene.verify(token))).toBe('ok')
  scene.clock.pass(20_000)
  expect(outcome(await scene.verify(token))).toBe('expiry')
  scene.clock.wall -= 3_600_000 - 20_000
  expect(outcome(await scene.verify(token))).toBe('expiry')
})

test('J32 a clock set back keeps no verdict alive', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  const first = await scene.verify(token)
  scene.clock.mono += 301_000
  scene.clock.wall -= 1000
  expect(await scene.verify(token)).not.toBe(first)
})

test('J33 a clock that jumps ahead ends every verdict that is past its exp', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  expect(outcome(await scene.verify(token))).toBe('ok')
  scene.clock.wall += 606_000
  expect(outcome(await scene.verify(token))).toBe('expiry')
})

test('J30 a kept verdict ends at the same second as a fresh one', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims({ exp: NOW + 10 }))
  await scene.verify(token)
  scene.clock.pass(15_999)
  expect(outcome(await scene.verify(token))).toBe('ok')
  scene.clock.pass(1)
  expect(outcome(await scene.verify(token))).toBe('expiry')
})

test('J67 a token that is good on one route says nothing on another', async () => {
  const scene = await openScene()
  const shared = { issuers: [scene.issuer], dpop: 'accept' as const, clock: scene.clock }
  const other = createVerifier({ audience: ['https://gw.example/mcp/b'], ...shared })
  const token = scene.as.sign(scene.claims())
  expect(outcome(await scene.verify(token))).toBe('ok')
  expect(outcome(await other.verify(bearer(token), scene.clock.now()))).toBe('audience')
})

test('J67 a reload that removed the issuer forgets its verdicts', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  expect(outcome(await scene.verify(token))).toBe('ok')
  const reloaded = createVerifier({
    audience: [RESOURCE],
    issuers: [],
    dpop: 'accept',
    clock: scene.clock,
  })
  expect(outcome(await reloaded.verify(bearer(token), scene.clock.now()))).toBe('issuer')
})

test('J69 bad tokens push no good one out', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  const first = await scene.verify(token)
  for (let i = 0; i < 20_000; i += 1) await scene.verify(`bad-${i}`)
  const expired = Array.from({ length: 50 }, (_, i) => scene.as.sign(scene.claims({ exp: NOW - 60, jti: i })))
  for (const bad of expired) expect(outcome(await scene.verify(bad))).toBe('expiry')
  expect(scene.verifier.prove(bearer(token), scene.clock.now())).toBe(first)
})

test('one proof serves many callers at once', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  const results = await Promise.all(Array.from({ length: 100 }, () => scene.verify(token)))
  expect(new Set(results).size).toBe(1)
  expect(scene.as.requests).toEqual({ metadata: 1, jwks: 1, introspection: 0, probe: 0 })
})
