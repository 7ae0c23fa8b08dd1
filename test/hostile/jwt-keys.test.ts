// What an issuer publishes, how often it is asked, and what happens when it fails: the rows of J about keys.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIssuer } from '../../src/token/issuer.ts'
import { createVerifier } from '../../src/token/verifier.ts'
import { type Fault, newKey, signCompact, startIssuer } from '../support/issuer.ts'
import {
  bearer,
  fakeClock,
  goodClaims,
  issuerSettings,
  openScene,
  outcome,
  RESOURCE,
} from '../token/scene.ts'

test.each([
  ['J05 use enc', { use: 'enc' }],
  ['J05 key_ops encrypt', { key_ops: ['encrypt'] }],
  ['J04 alg of another family', { alg: 'RS256' }],
])('%s', async (id, over) => {
  const scene = await openScene()
  const spare = newKey('spare').jwk
  scene.as.keys = [{ ...scene.as.key().jwk, ...over }, spare]
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('key')
  const told = (await scene.issuer.probe()).join()
  if (id === 'J05 use enc')
    expect(told).toBe('') // RFC 7517 §4.2: an issuer may publish one beside the others
  else expect(told).toContain('published key 1 of 2 is not used')
})

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const strong = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
const point = newKey('x').jwk

test.each([
  ['J06 symmetric', { kty: 'oct', k: 'c2VjcmV0' }, 'type is not supported'],
  ['J07 RSA-1024', weak, 'RSA shorter than 2048 bits'],
  ['J07 e = 1', { ...strong, e: 'AQ' }, 'a broken RSA exponent'],
  ['J07 a point off the curve', { ...point, y: point['x'] }, 'it cannot be read'],
  ['a private key', { ...point, d: 'AAAA' }, 'it is not a public key'],
])('%s is refused when it is loaded', async (_id, jwk, why) => {
  const scene = await openScene()
  scene.as.keys = [{ ...jwk, kid: 'bad' }, scene.as.key().jwk]
  expect((await scene.issuer.probe()).join()).toContain(why)
  expect(outcome(await scene.verify(scene.as.sign(scene.claims(), { kid: 'bad' })))).toBe('key')
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('ok')
})

test.each([
  [1, 'ok'],
  [2, 'ok'],
  [4, 'ok'],
  [5, 'key'],
  [100, 'key'],
  [200, 'issuer_unreachable'],
])('J13 no kid and %i usable keys', async (count, expected) => {
  const scene = await openScene()
  const others = Array.from({ length: count - 1 }, (_, index) => newKey(`other-${index}`).jwk)
  scene.as.keys = [...others, scene.as.key().jwk]
  expect(outcome(await scene.verify(scene.as.sign(scene.claims(), { kid: undefined })))).toBe(expected)
})

test('J14, J55 two issuers with one kid and one sub stay apart', async () => {
  const scene = await openScene()
  const other = await startIssuer()
  const second = createIssuer(issuerSettings(other.url, { name: 'second' }), { clock: scene.clock })
  try {
    const verifier = createVerifier({
      audience: [RESOURCE],
      issuers: [scene.issuer, second],
      dpop: 'accept',
      clock: scene.clock,
    })
    const verify = async (token: string) => verifier.verify(bearer(token), scene.clock.now())
    const forged = signCompact(
      JSON.stringify({ alg: 'ES256', kid: 'key-1' }),
      JSON.stringify(goodClaims(scene.as.url)),
      other.key().privateKey,
    )
    expect(outcome(await verify(forged))).toBe('signature')
    const one = await verify(scene.as.sign(goodClaims(scene.as.url)))
    const two = await verify(other.sign(goodClaims(other.url)))
    expect(
      one.ok && two.ok && [one.value.subject === two.value.subject, one.value.issuer === two.value.issuer],
    ).toEqual([true, false])
  } finally {
    await second.close()
    await other.close()
  }
})

test('J49, J50 a flood of unknown kids costs one fetch per cooldown, and locks no rotation out', async () => {
  const scene = await openScene()
  await scene.verify(scene.as.sign(scene.claims()))
  expect(scene.as.requests.jwks).toBe(1)
  const flood = async () => {
    const kids = Array.from({ length: 50 }, () => scene.as.sign(scene.claims(), { kid: randomUUID() }))
    return new Set((await Promise.all(kids.map((token) => scene.verify(token)))).map(outcome))
  }
  scene.clock.pass(3000)
  expect(await flood()).toEqual(new Set(['key']))
  expect(scene.as.requests.jwks).toBe(2)
  scene.as.rotate()
  const rotated = scene.as.sign(scene.claims())
  expect(await flood()).toEqual(new Set(['key']))
  scene.clock.pass(3000)
  await flood()
  expect(outcome(await scene.verify(rotated))).toBe('ok')
  expect(scene.as.requests.jwks).toBe(3)
})

test('J51 a removed key is refused within five minutes, cached verdicts included', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  expect(outcome(await scene.verify(token))).toBe('ok')
  scene.as.rotate()
  scene.clock.pass(300_001)
  expect(outcome(await scene.verify(token))).toBe('key')
})

test('a cached verdict dies at once when its key is known to be gone', async () => {
  const scene = await openScene()
  const token = scene.as.sign(scene.claims())
  await scene.verify(token)
  scene.as.rotate()
  scene.clock.pass(3000)
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('ok')
  expect(outcome(await scene.verify(token))).toBe('key')
})

test('N-05 a key replaced under the same kid is found, once per cooldown', async () => {
  const scene = await openScene()
  await scene.verify(scene.as.sign(scene.claims()))
  scene.as.rotate('key-1')
  const token = scene.as.sign(scene.claims())
  expect(outcome(await scene.verify(token))).toBe('signature')
  scene.clock.pass(3000)
  expect(outcome(await scene.verify(token))).toBe('ok')
  expect(scene.as.requests.jwks).toBe(2)
})

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['reset', 'reset'],
  ['hang', 'hang'],
  ['one byte at a time', 'drip'],
  ['HTML', 'html'],
  ['truncated', 'truncated'],
  ['huge', 'huge'],
  ['500', { status: 500 }],
  ['keys: null', { status: 200, body: '{"keys":null}' }],
  ['keys: []', { status: 200, body: '{"keys":[]}' }],
  ['duplicate members', { status: 200, body: '{"keys":[],"keys":[]}' }],
  ['compressed', { status: 200, headers: { 'content-encoding': 'gzip' }, body: Buffer.alloc(64) }],
  ['10,000 keys', { status: 200, body: JSON.stringify({ keys: Array.from({ length: 10_000 }, () => 1) }) }],
]

test.each(FAULTS)(
  'J52, J53 JWKS %s: known keys serve for an hour, then 503, then it heals',
  async (_id, fault) => {
    const scene = await openScene({ timeoutMs: 1_000 })
    const token = () => scene.as.sign(scene.claims({ exp: scene.clock.wall / 1000 + 60, iat: undefined }))
    expect(outcome(await scene.verify(token()))).toBe('ok')
    scene.as.faults.jwks = fault
    scene.clock.pass(400_000)
    expect(outcome(await scene.verify(token()))).toBe('ok')
    const fetches = scene.as.requests.jwks
    for (let i = 0; i < 50; i += 1) await scene.verify(token())
    expect(scene.as.requests.jwks).toBe(fetches)
    expect(scene.issuer.status()).toMatchObject({ ready: true, lastError: expect.any(String) })
    scene.clock.pass(3_300_000)
    expect(outcome(await scene.verify(token()))).toBe('issuer_unreachable')
    expect(scene.issuer.status().ready).toBe(false)
    delete scene.as.faults.jwks
    scene.clock.pass(2000)
    expect(outcome(await scene.verify(token()))).toBe('ok')
  },
)

test('J52 a redirect of the JWKS is not followed', async () => {
  const scene = await openScene()
  const canary = await startIssuer()
  scene.as.faults.jwks = { status: 302, headers: { location: `${canary.url}/jwks` } }
  expect(outcome(await scene.verify(scene.as.sign(scene.claims())))).toBe('issuer_unreachable')
  expect(canary.requests.jwks).toBe(0)
  await canary.close()
})

test('an issuer that is down at start heals by itself', async () => {
  const as = await startIssuer()
  const clock = fakeClock()
  as.faults.metadata = 'reset'
  const issuer = createIssuer(issuerSettings(as.url), { clock })
  const verifier = createVerifier({ audience: [RESOURCE], issuers: [issuer], dpop: 'off', clock })
  const verify = async () => verifier.verify(bearer(as.sign(goodClaims(as.url))), clock.now())
  expect(await issuer.probe()).toHaveLength(1)
  const down = await verify()
  expect(!down.ok && down.refusal).toMatchObject({
    reason: 'issuer_unreachable',
    retryAfterSeconds: expect.any(Number),
  })
  delete as.faults.metadata
  clock.pass(2000)
  expect(issuer.status().ready).toBe(false)
  expect(await issuer.probe()).toEqual([])
  expect(issuer.status().ready).toBe(true)
  expect(outcome(await verify())).toBe('ok')
  expect(as.requests.jwks).toBe(1)
  await issuer.close()
  await as.close()
})
