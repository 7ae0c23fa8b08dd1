// Forged and malformed JWTs: the rows of J about form, algorithm and header. None may pass, and none may make
// the gateway ask anybody but the issuer of the route.
import { createHmac, createPublicKey, generateKeyPairSync, sign, type webcrypto } from 'node:crypto'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { encode, newKey, signCompact } from '../support/issuer.ts'
import { openScene, outcome, type Scene } from '../token/scene.ts'

interface Case {
  readonly id: string
  readonly token: (scene: Scene) => string
  readonly expected: string
}

const headerOf = (scene: Scene, over: object) =>
  JSON.stringify({ alg: 'ES256', kid: scene.as.key().kid, typ: 'at+jwt', ...over })
const payloadOf = (scene: Scene, over?: object) => JSON.stringify(scene.claims(over))
const unsigned = (scene: Scene, header: object, signature = '') =>
  `${encode(headerOf(scene, header))}.${encode(payloadOf(scene))}.${signature}`
const good = (scene: Scene, over?: object) => scene.as.sign(scene.claims(over))
const header = (id: string, over: object, expected: string): Case => ({
  id,
  token: (scene) => scene.as.sign(scene.claims(), over),
  expected,
})
const payloadText = (id: string, change: (text: string) => string | Buffer, expected: string): Case => ({
  id,
  token: (scene) => rawPayload(scene, change(payloadOf(scene))),
  expected,
})

function rawPayload(scene: Scene, payload: string | Buffer, head = headerOf(scene, {})): string {
  const input = `${encode(head)}.${encode(payload)}`
  const key = { key: scene.as.key().privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

/** J03: the public key, in every form that a careless verifier might take for a shared secret. */
function publicForms(jwk: Record<string, unknown>): [string, Buffer][] {
  const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' })
  const pem = key.export({ format: 'pem', type: 'spki' }).toString()
  return [
    ['PEM', Buffer.from(pem)],
    ['PEM without its last newline', Buffer.from(pem.trimEnd())],
    ['CRLF PEM', Buffer.from(pem.replaceAll('\n', '\r\n'))],
    ['PEM after a space', Buffer.from(` ${pem}`)],
    ['DER', key.export({ format: 'der', type: 'spki' })],
    ['JWK text', Buffer.from(JSON.stringify(jwk))],
    ['raw coordinate', Buffer.from(String(jwk['x']), 'base64url')],
  ]
}

function flipped(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1]
}

/** A good token whose payload length leaves unused bits in the payload's last character. */
function flippedPayload(scene: Scene): string {
  for (const pad of ['', 'x', 'xx']) {
    const [head, body = '', signature] = good(scene, { pad }).split('.')
    if (body.length % 4 !== 0) return `${head}.${flipped(body)}.${signature}`
  }
  throw new Error('no payload of a suitable length')
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

const CASES: readonly Case[] = [
  {
    id: 'J01 alg none with an empty signature',
    token: (s) => unsigned(s, { alg: 'none' }),
    expected: 'algorithm',
  },
  ...['nOnE', 'NONE', 'none ', '', null, ['RS256'], 1].map((alg) => ({
    id: `J02 alg ${JSON.stringify(alg)}`,
    token: (s: Scene) => unsigned(s, { alg }, 'AAAA'),
    expected: 'algorithm',
  })),
  ...publicForms(newKey('any').jwk).map(([name], index) => ({
    id: `J03 HS256 keyed with the public key as ${name}`,
    token: (s: Scene) => {
      const input = unsigned(s, { alg: 'HS256' }).slice(0, -1)
      const secret = publicForms(s.as.key().jwk)[index]?.[1] ?? ''
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    },
    expected: 'algorithm',
  })),
  ...['PS256', 'RS512', 'HS256', 'RS256'].map((alg) => ({
    id: `J04 the header picks ${alg} for an EC key`,
    token: (s: Scene) => s.as.sign(s.claims(), { alg }),
    expected: alg === 'PS256' || alg === 'RS256' ? 'key' : 'algorithm',
  })),
  {
    id: 'J08 own key in the header, kid of a real one',
    token: (s) => {
      const own = newKey(s.as.key().kid)
      return signCompact(headerOf(s, { jwk: own.jwk }), payloadOf(s), own.privateKey)
    },
    expected: 'signature',
  },
  ...['../../dev/null', "' OR 1=1--", '|id', `\${env}`, 'a\r\nx'].map((kid) =>
    header(`J10 kid ${JSON.stringify(kid)}`, { kid }, 'key'),
  ),
  header('J10 kid of 4 KB', { kid: 'k'.repeat(4096) }, 'key'),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((kid) =>
    header(`J11 kid ${kid}`, { kid }, 'key'),
  ),
  ...[[], {}, 0, null, ''].map((kid) => header(`J12 kid ${JSON.stringify(kid)}`, { kid }, 'key')),
  {
    id: 'J35 alg twice',
    token: (s) => rawPayload(s, payloadOf(s), `{"alg":"none","alg":"ES256","kid":"${s.as.key().kid}"}`),
    expected: 'shape',
  },
  {
    id: 'J35 kid twice, once escaped',
    token: (s) => rawPayload(s, payloadOf(s), `{"alg":"ES256","kid":"x","\\u006bid":"${s.as.key().kid}"}`),
    expected: 'shape',
  },
  ...[['x'], [], 'x', ['alg'], ['exp'], ['x', 'x'], ['absent']].map((crit) =>
    header(`J37 crit ${JSON.stringify(crit)}`, { crit, x: 1 }, 'shape'),
  ),
  header('J38 b64 false with crit', { b64: false, crit: ['b64'] }, 'shape'),
  header('J38 b64 false without crit', { b64: false }, 'shape'),
  header('J38 b64 "false"', { b64: 'false' }, 'shape'),
  ...['dir', 'RSA-OAEP', 'PBES2-HS256+A128KW'].map((alg) => ({
    id: `J39 a JWE with ${alg}`,
    token: () =>
      `${encode(JSON.stringify({ alg, enc: 'A256GCM', p2c: 2 ** 31 - 1, zip: 'DEF' }))}.AAAA.AAAA.AAAA.AAAA`,
    expected: 'shape',
  })),
  header('J41 a nested JWT', { cty: 'JWT' }, 'shape'),
  { id: 'J42 unused bits of the signature flipped', token: (s) => flipped(good(s)), expected: 'shape' },
  { id: 'J42 unused bits of the payload flipped', token: flippedPayload, expected: 'shape' },
  { id: 'J42 padding', token: (s) => `${good(s)}==`, expected: 'shape' },
  { id: 'J42 a newline inside', token: (s) => good(s).replace('.', '.\n'), expected: 'shape' },
  ...[
    ['J44 r = 0, s = 0', Buffer.alloc(64)],
    ['J44 63 bytes', Buffer.alloc(63, 1)],
    ['J44 65 bytes', Buffer.alloc(65, 1)],
    [
      'J44 r = n',
      Buffer.from(
        `ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551${'01'.repeat(32)}`,
        'hex',
      ),
    ],
  ].map(([id, signature]) => ({
    id: String(id),
    token: (s: Scene) => unsigned(s, {}, Buffer.from(signature as Buffer).toString('base64url')),
    expected: 'signature',
  })),
  {
    id: 'J44 DER instead of r and s',
    token: (s) => {
      const input = unsigned(s, {}).slice(0, -1)
      return `${input}.${sign('sha256', Buffer.from(input), s.as.key().privateKey).toString('base64url')}`
    },
    expected: 'signature',
  },
  payloadText(
    'J34 scope twice',
    (text) => text.replace('"scope":"a"', '"scope":"a","scope":"admin"'),
    'shape',
  ),
  payloadText('J34 aud twice', (text) => text.replace('{', '{"aud":"https://evil.example",'), 'shape'),
  payloadText('J34 exp twice', (text) => text.replace('{', '{"exp":1,'), 'shape'),
  payloadText('J34 a name twice, deep inside', (text) => text.replace('{', '{"x":[{"y":1,"y":2}],'), 'shape'),
  payloadText('J46 BOM', (text) => `\ufeff${text}`, 'shape'),
  payloadText(
    'J46 0xFF inside sub',
    (text) => Buffer.from(text.replace('alice', 'al\u00ffice'), 'latin1'),
    'shape',
  ),
  payloadText('J46 lone surrogate in sub', (text) => text.replace('alice', '\\ud800'), 'shape'),
  {
    id: 'J46 BOM before the header',
    token: (s) => rawPayload(s, payloadOf(s), `\ufeff${headerOf(s, {})}`),
    expected: 'shape',
  },
  ...['[1]', '"x"', 'null', '', '1', '{}{}', '{}x'].map((text) =>
    payloadText(`J47 payload ${text}`, () => text, 'shape'),
  ),
  payloadText(
    'J48 nested arrays',
    (text) => text.replace('{', `{"x":${'['.repeat(2000)}${']'.repeat(2000)},`),
    'shape',
  ),
  { id: 'J48 dots only', token: (s) => good(s) + '.'.repeat(5000), expected: 'shape' },
  { id: 'J68 the last character missing', token: (s) => good(s).slice(0, -1), expected: 'shape' },
  { id: 'J68 one character more', token: (s) => `${good(s)}A`, expected: 'signature' },
  { id: 'J68 a fourth part', token: (s) => `${good(s)}.x`, expected: 'shape' },
]

test.each(CASES)('$id', async ({ token, expected }) => {
  const scene = await openScene()
  expect(outcome(await scene.verify(token(scene)))).toBe(expected)
  expect(outcome(await scene.verify(good(scene)))).toBe('ok')
})

test('J09 jku, x5u and x5c are never followed', async () => {
  let connections = 0
  const canary = createServer(() => {
    connections += 1
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void canary.close())
  const { port } = canary.address() as { port: number }
  const scene = await openScene()
  const own = newKey('elsewhere')
  for (const name of ['jku', 'x5u']) {
    const head = headerOf(scene, { kid: own.kid, [name]: `http://127.0.0.1:${port}/keys` })
    expect(outcome(await scene.verify(signCompact(head, payloadOf(scene), own.privateKey)))).toBe('key')
  }
  const head = headerOf(scene, { x5c: ['MIIB'] })
  expect(outcome(await scene.verify(signCompact(head, payloadOf(scene), own.privateKey)))).toBe('signature')
  expect(connections).toBe(0)
})

test('J36 __proto__ in the payload grants nothing', async () => {
  const scene = await openScene()
  const polluted = (text: string) => text.replace('{', '{"__proto__":{"scope":"admin","roles":["admin"]},')
  const kept = await scene.verify(rawPayload(scene, polluted(payloadOf(scene))))
  expect(kept.ok && [...kept.value.scopes]).toEqual(['a'])
  const none = await scene.verify(rawPayload(scene, polluted(payloadOf(scene, { scope: undefined }))))
  expect(none.ok && [...none.value.scopes]).toEqual([])
  expect(none.ok && Object.getPrototypeOf(none.value.claims)).toBe(null)
})

test('J43 the twin signature (r, n - s) proves the same identity and nothing more', async () => {
  const scene = await openScene()
  const token = good(scene)
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [head, body, signature = ''] = token.split('.')
  const raw = Buffer.from(signature, 'base64url')
  const s = order - BigInt(`0x${raw.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  const first = await scene.verify(token)
  const second = await scene.verify(`${head}.${body}.${twin.toString('base64url')}`)
  expect(second).toEqual(first)
  expect(outcome(first)).toBe('ok')
})

test('J45 RSA: a raw or foreign padding does not verify', async () => {
  const scene = await openScene()
  const { n, e, kty } = createPublicKey(rsa).export({ format: 'jwk' })
  scene.as.keys = [{ n, e, kty, kid: 'rsa' }]
  const input = `${encode(headerOf(scene, { alg: 'RS256', kid: 'rsa' }))}.${encode(payloadOf(scene))}`
  const forged = [
    sign('sha512', Buffer.from(input), rsa), // another DigestInfo
    sign('sha256', Buffer.from(input), { key: rsa, padding: 6 }), // PSS under the name of PKCS #1
    Buffer.alloc(256),
    Buffer.alloc(256, 0xff),
  ]
  for (const signature of forged)
    expect(outcome(await scene.verify(`${input}.${signature.toString('base64url')}`))).toBe('signature')
  const sound = sign('sha256', Buffer.from(input), rsa)
  expect(outcome(await scene.verify(`${input}.${sound.toString('base64url')}`))).toBe('ok')
})
