// Genuinely signed JWTs that say the wrong thing: the rows of J about issuer, audience, time, kind, subject and
// scopes. Each case is a good token with one change.
import { expect, test } from 'vitest'
import { NOW, openScene, outcome, RESOURCE, type SceneOptions } from '../token/scene.ts'

interface Case {
  readonly id: string
  readonly claims: object | ((issuer: string) => object)
  readonly header?: object
  readonly scene?: SceneOptions
  readonly expected: string
}

/** A key of ours beside another confirmation, which cannot be proved here. */
const BESIDE = ['x5t#S256', 'jwk', 'jwe', 'kid', 'jku', 'osc'].map((name) => ({
  jkt: 'A'.repeat(43),
  [name]: 'x',
}))

const each = (id: string, values: readonly unknown[], claims: (value: never) => object, expected: string) =>
  values.map(
    (value): Case => ({
      id: `${id} ${JSON.stringify(value) ?? 'absent'}`.slice(0, 80),
      claims: claims(value as never),
      expected,
    }),
  )
const strict: SceneOptions = { settings: { typ: 'at+jwt' } }
const typed = (id: string, typ: string | undefined, expected: string, scene?: SceneOptions): Case => ({
  id: `${id} typ ${typ ?? 'absent'}${scene ? ' under at+jwt' : ''}`,
  claims: {},
  header: { typ },
  expected,
  ...(scene && { scene }),
})

const OTHER_KINDS = [
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'token-introspection+jwt',
  'oauth-id-jag+jwt',
  'client-authentication+jwt',
  'entity-statement+jwt',
]

const CASES: readonly Case[] = [
  { id: 'J15 an unknown issuer', claims: { iss: 'https://evil.example' }, expected: 'issuer' },
  {
    id: 'J16 iss as an array',
    claims: (iss) => ({ iss: ['https://evil.example', iss] }),
    expected: 'issuer',
  },
  { id: 'J17 iss with a slash', claims: (iss) => ({ iss: `${iss}/` }), expected: 'issuer' },
  { id: 'J17 iss in upper case', claims: (iss) => ({ iss: iss.toUpperCase() }), expected: 'issuer' },
  { id: 'J17 a prefix of iss', claims: (iss) => ({ iss: iss.slice(0, -1) }), expected: 'issuer' },
  { id: 'J17 iss percent-encoded', claims: (iss) => ({ iss: iss.replace('.', '%2e') }), expected: 'issuer' },
  { id: 'J17 no iss', claims: { iss: undefined }, expected: 'issuer' },
  ...each('J18 aud', [undefined, '', []], (aud) => ({ aud }), 'audience'),
  ...each(
    'J19 aud of a neighbour',
    ['https://gw.example/mcp/b', 'https://gw.example', 'https://gw.example/mcp'],
    (aud) => ({ aud }),
    'audience',
  ),
  ...each(
    'J20 aud',
    [`${RESOURCE}2`, `${RESOURCE}?x`, `${RESOURCE}#`, `${RESOURCE}//`, 'https://gw.example/mcp/%61']
      .concat(`https://evil.example ${RESOURCE}`, 'https://gw.example/MCP/a', 'http://gw.example/mcp/a')
      .concat('https://gw.example:8443/mcp/a', 'https://user@gw.example/mcp/a', 'https://gw.example/mcp/./a'),
    (aud) => ({ aud }),
    'audience',
  ),
  ...each(
    'J20, TOK-08 aud',
    [`${RESOURCE}/`, 'https://GW.example/mcp/a', 'HTTPS://gw.example:443/mcp/a'],
    (aud) => ({ aud }),
    'ok',
  ),
  ...each(
    'J21 aud',
    [5, { [RESOURCE]: 1 }, [[RESOURCE]], [RESOURCE, null], [RESOURCE, {}], null],
    (aud) => ({ aud }),
    'audience',
  ),
  { id: 'J22 a second audience', claims: { aud: [RESOURCE, 'https://other.example'] }, expected: 'ok' },
  {
    id: 'J22 a second audience with single_audience',
    claims: { aud: [RESOURCE, 'https://other.example'] },
    scene: { settings: { singleAudience: true } },
    expected: 'audience',
  },
  {
    id: 'J23 an ID token',
    claims: { aud: 'client', nonce: 'n', at_hash: 'h' },
    header: { typ: 'JWT' },
    expected: 'type',
  },
  ...each('J23 an ID token for us', ['at_hash', 'c_hash'], (name) => ({ [name]: 'h' }), 'type'),
  { id: 'J23 nonce without scope', claims: { nonce: 'n', scope: undefined }, expected: 'type' },
  ...each('J23 token_use', ['id', 'refresh', 5], (use) => ({ token_use: use }), 'type'),
  ...each('J23 payload typ', ['ID', 'Refresh', 'Logout', 'Offline', 7], (typ) => ({ typ }), 'type'),
  ...each('J23 payload typ', ['Bearer', 'at+jwt'], (typ) => ({ typ }), 'ok'),
  { id: 'J24 a logout token', claims: { events: {} }, expected: 'type' },
  ...OTHER_KINDS.flatMap((typ) => [typed('J24', typ, 'type'), typed('J24', typ, 'type', strict)]),
  typed('J24', undefined, 'type', strict),
  typed('J24', 'JWT', 'type', strict),
  typed('J24', 'AT+JWT', 'ok', strict),
  typed('J24', 'application/at+jwt', 'ok', strict),
  typed('J25', 'JWT', 'ok'),
  typed('J25', undefined, 'ok'),
  { id: 'J26 no exp', claims: { exp: undefined }, expected: 'expiry' },
  ...each('J27 exp', ['9999999999', null, true, [], {}, -1, 0], (exp) => ({ exp }), 'expiry'),
  ...each('J28 exp', [2 ** 53 + 2, 1e20], (exp) => ({ exp }), 'expiry'),
  { id: 'J29 exp a century away', claims: { exp: NOW + 3e9 }, expected: 'lifetime' },
  { id: 'J29 a life of two days', claims: { exp: NOW + 172_800 }, expected: 'lifetime' },
  { id: 'J29 far away without iat', claims: { iat: undefined, exp: NOW + 172_800 }, expected: 'lifetime' },
  { id: 'J30 exp = now', claims: { exp: NOW }, expected: 'ok' },
  { id: 'J30 exp = now - leeway', claims: { exp: NOW - 5 }, expected: 'ok' },
  { id: 'J30 exp = now - leeway - 1', claims: { exp: NOW - 6 }, expected: 'expiry' },
  { id: 'J31 nbf ahead', claims: { nbf: NOW + 60 }, expected: 'not_before' },
  { id: 'J31 iat ahead', claims: { iat: NOW + 300 }, expected: 'not_before' },
  { id: 'J31 nbf within the leeway', claims: { nbf: NOW + 5 }, expected: 'ok' },
  ...each('J31 nbf', [String(NOW), null, {}], (nbf) => ({ nbf }), 'not_before'),
  ...each('J31 iat', [String(NOW), null, {}], (iat) => ({ iat }), 'not_before'),
  ...each(
    'J58 sub',
    [undefined, '', ' ', 42, ['a', 'b'], {}, null, 's'.repeat(5000)],
    (sub) => ({ sub }),
    'subject',
  ),
  ...each('J58 client_id', ['', 7, ['c']], (client) => ({ client_id: client }), 'claims'),
  ...each(
    'J61 scope',
    ['a  admin', 'a\tadmin', 'a\u00a0admin', ' a', 'a ', 5, null, {}, ['a b'], ['a', 1], 'a"b'],
    (scope) => ({ scope }),
    'claims',
  ),
  { id: 'J61 too many scopes', claims: { scope: 'a '.repeat(600).trim() }, expected: 'claims' },
  { id: 'roles that are not strings', claims: { realm_access: { roles: [1] } }, expected: 'claims' },
  ...each(
    'J64 cnf',
    [{ 'x5t#S256': 'x' }, { jwk: {} }, {}, 'x', null, { jkt: 5 }, { 'kc-jkt-type': 'DPoP' }, ...BESIDE],
    (cnf) => ({ cnf }),
    'binding',
  ),
  { id: 'J64 a DPoP-bound token as bearer', claims: { cnf: { jkt: 'A'.repeat(43) } }, expected: 'binding' },
  {
    id: 'J64 a DPoP-bound token as bearer where dpop is off',
    claims: { cnf: { jkt: 'A'.repeat(43) } },
    scene: { route: { dpop: 'off' } },
    expected: 'binding',
  },
]

test.each(CASES)('$id', async ({ claims, header, scene: options, expected }) => {
  const scene = await openScene(options)
  const changed = typeof claims === 'function' ? claims(scene.as.url) : claims
  const result = await scene.verify(scene.as.sign(scene.claims(changed), header))
  expect(outcome(result)).toBe(expected)
  if (expected !== 'issuer') return
  expect(scene.as.requests).toEqual({ metadata: 0, jwks: 0, introspection: 0, probe: 0 })
})

test.each(['1e999', '9007199254740993'])('J28 exp written as %s', async (exp) => {
  const scene = await openScene()
  const payload = JSON.stringify(scene.claims({ exp: 77 })).replace('"exp":77', `"exp":${exp}`)
  const header = JSON.stringify({ alg: 'ES256', kid: scene.as.key().kid })
  expect(outcome(await scene.verify(scene.as.signText(header, payload)))).toBe('expiry')
})

test.each([' admin', 'admin\t', 'a\r\nX-Mcp-Scopes: admin', '日本'])(
  'J59, J60 sub %j is kept exactly',
  async (sub) => {
    const scene = await openScene()
    const result = await scene.verify(scene.as.sign(scene.claims({ sub })))
    expect(result.ok && result.value.subject).toBe(sub)
  },
)

const SCOPES: readonly (readonly [id: string, claims: object, scopes: readonly string[]])[] = [
  ['J61 an array', { scope: ['a', 'admin'] }, ['a', 'admin']],
  ['J61 case is kept', { scope: 'A' }, ['A']],
  ['J61 empty', { scope: '' }, []],
  ['J61 absent (TOK-13)', { scope: undefined }, []],
  ['J62 the first present claim wins', { scope: 'a', scp: ['admin'] }, ['a']],
  ['J62 an empty first claim wins too', { scope: '', scp: ['admin'] }, []],
  ['J62 the second when the first is absent', { scope: undefined, scp: ['a', 'b'] }, ['a', 'b']],
  ['J63 whole tokens', { scope: 'reader read: * read* thread' }, ['reader', 'read:', '*', 'read*', 'thread']],
]

test.each(SCOPES)('%s', async (_id, claims, scopes) => {
  const scene = await openScene()
  const result = await scene.verify(scene.as.sign(scene.claims(claims)))
  expect(result.ok && [...result.value.scopes]).toEqual(scopes)
})

test('J56 an issuer grants no more than it may', async () => {
  const scene = await openScene({ settings: { allowedScopes: new Set(['a', 'b']) } })
  const result = await scene.verify(scene.as.sign(scene.claims({ scope: 'admin a' })))
  expect(result.ok && [...result.value.scopes]).toEqual(['a'])
})

test('CHL-12 an authentic but expired token says which scopes it had, a forged one does not', async () => {
  const scene = await openScene()
  const expired = scene.as.sign(scene.claims({ exp: NOW - 60, scope: 'b a' }))
  const result = await scene.verify(expired)
  expect(!result.ok && result.refusal).toMatchObject({ check: 'expiry', expiredScopes: ['a', 'b'] })
  const forged = await scene.verify(`${expired.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`)
  expect(!forged.ok && forged.refusal).not.toHaveProperty('expiredScopes')
  const misdirected = await scene.verify(scene.as.sign(scene.claims({ exp: NOW - 60, aud: 'other' })))
  expect(!misdirected.ok && misdirected.refusal).not.toHaveProperty('expiredScopes')
})

test('a principal carries what was proved', async () => {
  const scene = await openScene()
  const claims = { realm_access: { roles: ['editor'] }, client_id: undefined, azp: 'app' }
  const result = await scene.verify(scene.as.sign(scene.claims(claims)))
  expect(result.ok && result.value).toMatchObject({
    issuer: scene.as.url,
    subject: 'alice',
    clientId: 'app',
    roles: ['editor'],
    expiresAt: NOW + 600,
    boundKey: undefined,
  })
})

test('claims may be named by a whole name with dots, or by a path', async () => {
  const names = {
    subject: ['sub'],
    client: ['azp'],
    scopes: ['scope'],
    roles: ['https://x.example/roles', 'r.s'],
  }
  const scene = await openScene({ settings: { claims: names } })
  const whole = await scene.verify(scene.as.sign(scene.claims({ 'https://x.example/roles': ['one'] })))
  expect(whole.ok && whole.value.roles).toEqual(['one'])
  const path = await scene.verify(scene.as.sign(scene.claims({ r: { s: ['two'] } })))
  expect(path.ok && path.value.roles).toEqual(['two'])
})
