// Who is asked, how often, and how long an answer counts: the rows of I about caches, flights and herds.
import { expect, onTestFinished, test } from 'vitest'
import type { IntrospectionSettings } from '../../src/core/settings.ts'
import { createIssuer } from '../../src/token/issuer.ts'
import { createVerifier } from '../../src/token/verifier.ts'
import { startIssuer } from '../support/issuer.ts'
import {
  bearer,
  goodClaims,
  introspectionSettings,
  issuerSettings,
  NOW,
  openScene,
  outcome,
  RESOURCE,
  type Scene,
} from '../token/scene.ts'

const TOKEN = 'opaque-token'

async function open(over: Partial<IntrospectionSettings> = {}): Promise<Scene> {
  const introspection = introspectionSettings(over)
  const scene = await openScene({ settings: { validation: 'introspection', introspection } })
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url) })
  return scene
}

test('I15 an opaque token goes to the one issuer that takes them', async () => {
  const scene = await open()
  const canary = await startIssuer()
  const other = createIssuer(issuerSettings(canary.url, { name: 'other' }), { clock: scene.clock })
  onTestFinished(async () => {
    await other.close()
    await canary.close()
  })
  const verifier = createVerifier({
    audience: [RESOURCE],
    issuers: [other, scene.issuer],
    dpop: 'accept',
    clock: scene.clock,
  })
  expect(outcome(await verifier.verify(bearer(TOKEN), scene.clock.now()))).toBe('ok')
  expect(canary.requests).toEqual({ metadata: 0, jwks: 0, introspection: 0, probe: 0 })
})

test('I15 when two issuers would take it, neither sees it', async () => {
  const scene = await open()
  const second = createIssuer(
    { ...scene.issuer.settings, issuer: 'http://127.0.0.1:1' },
    { clock: scene.clock },
  )
  onTestFinished(() => second.close())
  const issuers = [scene.issuer, second]
  const verifier = createVerifier({
    audience: [RESOURCE],
    issuers,
    dpop: 'off',
    clock: scene.clock,
  })
  expect(outcome(await verifier.verify(bearer(TOKEN), scene.clock.now()))).toBe('shape')
  expect(scene.as.requests.introspection).toBe(0)
})

test('I16, I18 one string on two routes is asked about at each', async () => {
  const one = await open()
  const two = await open()
  two.as.introspect = () => ({ active: false })
  expect(outcome(await one.verify(TOKEN))).toBe('ok')
  expect(outcome(await two.verify(TOKEN))).toBe('inactive')
  expect(two.as.requests.introspection).toBe(1)
})

test('I17, I24 a kept answer ends with its exp', async () => {
  const scene = await open()
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { exp: NOW + 5 }) })
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
  scene.clock.pass(11_000)
  expect(outcome(await scene.verify(TOKEN))).toBe('expiry')
})

test('I19, I20 a thousand callers with one token ask once, and share the answer', async () => {
  const scene = await open()
  const results = await Promise.all(Array.from({ length: 1000 }, () => scene.verify(TOKEN)))
  expect(new Set(results).size).toBe(1)
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
  expect(scene.as.requests.introspection).toBe(1)
})

test('I21 many tokens at once: few questions under way, some wait, the rest 503, known callers unharmed', async () => {
  const scene = await open()
  const known = await scene.verify(TOKEN)
  let underWay = 0
  let most = 0
  scene.as.introspect = async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise((resolve) => setTimeout(resolve, 5))
    underWay -= 1
    return { active: false }
  }
  const results = await Promise.all(Array.from({ length: 500 }, (_, i) => scene.verify(`garbage-${i}`)))
  expect(most).toBeLessThanOrEqual(16)
  expect(scene.as.requests.introspection).toBe(1 + 16 + 128)
  expect(results.filter((result) => outcome(result) === 'issuer_unreachable')).toHaveLength(500 - 16 - 128)
  expect(scene.verifier.prove(bearer(TOKEN), scene.clock.now())).toBe(known)
})

test('I22 a no is forgotten after negative_ttl', async () => {
  const scene = await open()
  const said = scene.as.introspect
  scene.as.introspect = () => ({ active: false })
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
  scene.as.introspect = said
  scene.clock.pass(4999)
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
  expect(scene.as.requests.introspection).toBe(1)
  scene.clock.pass(1)
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
})

test('I23 a hundred bad tokens push out no good one, and are bounded themselves', async () => {
  const scene = await open({ maxEntries: 10 })
  const known = await scene.verify(TOKEN)
  scene.as.introspect = () => ({ active: false })
  for (let i = 0; i < 100; i += 1) await scene.verify(`bad-${i}`)
  expect(scene.verifier.prove(bearer(TOKEN), scene.clock.now())).toBe(known)
  await scene.verify('bad-0')
  expect(scene.as.requests.introspection).toBe(102)
})

test('I25, I27 revocation and narrowed scopes act within the ttl', async () => {
  const scene = await open({ ttlSeconds: 30 })
  await scene.verify(TOKEN)
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { scope: '' }) })
  scene.clock.pass(29_999)
  const before = await scene.verify(TOKEN)
  expect(before.ok && [...before.value.scopes]).toEqual(['a'])
  scene.clock.pass(1)
  const narrowed = await scene.verify(TOKEN)
  expect(narrowed.ok && narrowed.value.scopes.size).toBe(0)
  scene.as.introspect = () => ({ active: false })
  scene.clock.pass(30_000)
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
})

test('I37 no answer is kept longer than five minutes, whatever the file says', async () => {
  const scene = await open({ ttlSeconds: 3600 })
  await scene.verify(TOKEN)
  scene.as.introspect = () => ({ active: false })
  scene.clock.pass(300_000)
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
})

test('I36 an identity that changed is the new one, not a mixture', async () => {
  const scene = await open()
  await scene.verify(TOKEN)
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { sub: 'bob', client_id: 'b' }) })
  scene.clock.pass(30_000)
  const later = await scene.verify(TOKEN)
  expect(later.ok && [later.value.subject, later.value.clientId]).toEqual(['bob', 'b'])
})

test('confirmActive asks every time, and a no forgets the verdict', async () => {
  const scene = await open()
  const proved = await scene.verify(TOKEN)
  if (!proved.ok) throw new Error('the token must be good')
  const confirm = () => scene.verifier.confirmActive(bearer(TOKEN), proved.value)
  expect([outcome(await confirm()), outcome(await confirm())]).toEqual(['ok', 'ok'])
  expect(scene.as.requests.introspection).toBe(3)
  scene.as.faults.introspection = 'reset'
  expect(outcome(await confirm())).toBe('issuer_unreachable')
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
  delete scene.as.faults.introspection
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url, { sub: 'bob' }) })
  expect(outcome(await confirm())).toBe('agreement')
  scene.as.introspect = () => ({ active: false })
  expect(outcome(await confirm())).toBe('inactive')
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
})
