// `portcullis explain`: the verdict on each claim, on the signature and on each rule, and the exit code.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadOrCreateKey } from '../../../src/cli/dev-issuer/key.ts'
import { type RunningDevIssuer, startDevIssuer } from '../../../src/cli/dev-issuer/listen.ts'
import { type MintRequest, mintToken } from '../../../src/cli/dev-issuer/mint.ts'
import { run as explain } from '../../../src/cli/policy/explain.ts'
import { gatewayYaml, RESOURCE } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

let issuer: RunningDevIssuer
let mint: (changes?: Partial<MintRequest>, now?: number) => Promise<string>
let mintForeign: () => Promise<string>

async function newKey() {
  const loaded = await loadOrCreateKey(join(folderWith({}), 'k.jwk'))
  if (!loaded.ok) throw new Error(loaded.message)
  return loaded.key
}

beforeAll(async () => {
  const key = await newKey()
  const options = { key, subject: 'dev-user', ttlSeconds: 600, now: Date.now, log: () => undefined }
  const started = await startDevIssuer({ host: '127.0.0.1', port: 0 }, options)
  if (!started.ok) throw new Error(started.message)
  issuer = started.running
  const request = {
    issuer: issuer.issuer,
    subject: 'ann',
    clientId: 'c',
    audience: [RESOURCE],
    scopes: ['notes:read'],
    ttlSeconds: 600,
  }
  mint = (changes = {}, now = Date.now()) => mintToken(key, { ...request, ...changes }, now)
  mintForeign = async () => mintToken(await newKey(), request, Date.now())
})
afterAll(() => issuer.close())

const CALL = ['tools/call', 'list_notes']

async function run(args: readonly string[], stdin?: string, claims = '{}') {
  const files = { 'gateway.yaml': gatewayYaml([], issuer.issuer), 'claims.json': claims }
  const io = recordingIo({ cwd: folderWith(files), ...(stdin === undefined ? {} : { stdin }) })
  return { code: await explain(args, io), out: io.out(), err: io.err() }
}

const withToken = (token: string, call: readonly string[] = CALL) =>
  run(['--route', 'notes', '--token', '-', ...call], token)

const withClaims = (claims: object, call: readonly string[] = CALL) =>
  run(['--route', 'notes', '--claims', 'claims.json', ...call], undefined, JSON.stringify(claims))

const goodClaims = (changes: object = {}) => ({
  iss: issuer.issuer,
  aud: RESOURCE,
  sub: 'ann',
  exp: Math.floor(Date.now() / 1000) + 600,
  scope: 'notes:read',
  ...changes,
})

describe('a token', () => {
  test('allowed: four claims, the signature, each rule', async () => {
    const { code, out } = await withToken(`Bearer ${await mint()}\n`)
    expect(code).toBe(0)
    expect(out).toContain(`✓ iss   expected ${issuer.issuer}; got ${issuer.issuer}`)
    expect(out).toContain(`✓ aud   expected ${RESOURCE}; got ${RESOURCE}`)
    expect(out).toMatch(/✓ exp {3}expected after \S+Z; got \S+Z/)
    expect(out).toContain('✓ scope expected notes:read; got notes:read')
    expect(out).toContain('✓ signature verified')
    expect(out).toContain('rule `reading` allows it')
    expect(out).toMatch(/\nallowed\n$/)
  })

  test('one that ended within the leeway is still good, and it is said why', async () => {
    const now = Date.now()
    const { code, out } = await withClaims(goodClaims({ exp: Math.floor(now / 1000) - 2 }))
    expect(code).toBe(0)
    expect(out).toMatch(/✓ exp {3}expected after \S+Z, or 5 s before \(leeway\); got \S+Z/)
  })

  test('J05: the signature of another key is refused', async () => {
    const { code, out } = await withToken(await mintForeign())
    expect(code).toBe(1)
    expect(out).toContain('✗ signature refused')
    expect(out).toMatch(/\nrefused: the token \(signature\)\n$/)
  })

  test('J30: expired, and the signature still told', async () => {
    const { code, out } = await withToken(await mint({}, Date.now() - 3600_000))
    expect(code).toBe(1)
    expect(out).toMatch(/✗ exp {3}expected after/)
    expect(out).toContain('✓ signature verified')
    expect(out).toMatch(/\nrefused: the token \(exp\)\n$/)
  })

  test('J15: another issuer', async () => {
    const { code, out } = await withToken(await mint({ issuer: 'http://other.example' }))
    expect(code).toBe(1)
    expect(out).toContain(`✗ iss   expected ${issuer.issuer}; got http://other.example`)
    expect(out).toContain('? signature unchecked: no trusted issuer')
  })

  test('J19: another audience', async () => {
    const { code, out } = await withToken(await mint({ audience: ['http://other.example/mcp'] }))
    expect(code).toBe(1)
    expect(out).toContain(`✗ aud   expected ${RESOURCE}; got http://other.example/mcp`)
  })

  test('TOK-08: the slash twin is the same audience', async () => {
    expect((await withToken(await mint({ audience: [`${RESOURCE}/`] }))).code).toBe(0)
  })

  test('a missing scope: what to ask for', async () => {
    const { code, out } = await withToken(await mint(), ['tools/call', 'create_note'])
    expect(code).toBe(1)
    expect(out).toContain('✗ scope expected notes:read notes:write; got notes:read')
    expect(out).toContain('rule `writing` would allow it with `notes:write`')
    expect(out).toMatch(/\nrefused: scope_missing\n$/)
  })

  test.each([
    ['denied', 'drop_note', 'rule `never` denies it'],
    ['excepted', 'purge_note', 'its `except` names it'],
    ['unruled', 'other', 'no rule speaks of it'],
  ])('a tool that is %s: the token is not at fault', async (_, tool, sentence) => {
    const { code, out } = await withToken(await mint({ scopes: ['notes:read', 'notes:write'] }), [
      'tools/call',
      tool,
    ])
    expect(code).toBe(1)
    expect(out).toContain('✓ scope')
    expect(out).toContain(sentence)
    expect(out).toMatch(/\nrefused: call_forbidden\n$/)
  })

  test('--json: the whole account, without the token and without other claims', async () => {
    const { code, out } = await withToken(await mint(), [...CALL, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      allowed: true,
      route: 'notes',
      token: {
        signature: { state: 'verified' },
        claims: [{ claim: 'iss' }, { claim: 'aud' }, { claim: 'exp' }, { claim: 'scope' }],
      },
      policy: { decision: 'allowed', rule: 'reading' },
    })
    expect(out).not.toContain('ann')
    expect(out).not.toContain('eyJ')
  })
})

describe('claims from a file', () => {
  test('allowed, and the signature is said to be unchecked', async () => {
    const { code, out } = await withClaims(goodClaims())
    expect(code).toBe(0)
    expect(out).toContain('? signature unchecked: the claims came from a file')
    expect(out).toMatch(/\nallowed, if the signature holds\n$/)
  })

  test.each([
    ['no claims at all', {}, ['✗ iss', '✗ aud', '✗ exp', 'got nothing']],
    ['J58: no subject', { sub: undefined }, ['✗ no usable subject']],
    ['J29: too long a life', { iat: 1, exp: 4102444800 }, ['✗ it lives longer than allowed']],
    ['J31: not valid yet', { nbf: 4102444800 }, ['✗ not valid yet']],
    ['J28: an exp that is no number', { exp: '1' }, ['✗ exp']],
    ['J18: an empty audience', { aud: [] }, ['✗ aud', 'got []']],
  ])('%s', async (_, changes, marks) => {
    const claims = Object.keys(changes).length === 0 ? {} : goodClaims(changes)
    const { code, out } = await withClaims(claims)
    expect(code).toBe(1)
    for (const mark of marks) expect(out).toContain(mark)
  })
})

describe('calls', () => {
  test.each([
    [['tools/list'], 0],
    [['initialize'], 0],
    [['resources/read', 'notes://1'], 1],
    [['prompts/get', 'hello'], 1],
    [['completion/complete', 'notes://{id}'], 1],
    [['tasks/get', 'x'], 2],
    [['custom/thing'], 1],
    [['tools/call', 'list_notes', '--args', '{"id":7}'], 0],
  ])('%j ends with %i', async (call, code) => {
    expect((await withClaims(goodClaims(), call)).code).toBe(code)
  })
})

describe('wrong use', () => {
  test.each<[string, readonly string[], string]>([
    ['no method', ['--route', 'notes', '--claims', 'claims.json'], 'needs a method'],
    ['no target', ['--route', 'notes', '--claims', 'claims.json', 'tools/call'], 'name the tool'],
    ['no route', ['--claims', 'claims.json', ...CALL], 'needs --route NAME, one of: notes'],
    ['an unknown route', ['--route', 'note', '--claims', 'claims.json', ...CALL], 'did you mean "notes"?'],
    ['neither token nor claims', ['--route', 'notes', ...CALL], 'needs either --token - or --claims FILE'],
    ['both', ['--route', 'notes', '--token', '-', '--claims', 'c', ...CALL], 'needs either'],
    ['K01: a token on the command line', ['--route', 'notes', '--token', 'eyJsecret', ...CALL], '--token -'],
    ['no input', ['--route', 'notes', '--token', '-', ...CALL], 'standard input is empty'],
    ['no such claims file', ['--route', 'notes', '--claims', 'x', ...CALL], 'ENOENT'],
    [
      'args that are no object',
      ['--route', 'notes', '--claims', 'claims.json', ...CALL, '--args', '[1]'],
      '--args',
    ],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await run(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toContain('eyJsecret')
  })

  test.each([
    ['an opaque token', 'abc', 'a JWT has three parts'],
    ['J01: alg none', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'no algorithm'],
    ['D: more than a token', 'a'.repeat(70_000), '64 KiB'],
  ])('%s on standard input', async (_, text, message) => {
    const { code, err } = await withToken(text)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  test('claims that are no object', async () => {
    const { code, err } = await run(['--route', 'notes', '--claims', 'claims.json', ...CALL], undefined, '[]')
    expect([code, err.includes('does not hold one JSON object')]).toEqual([2, true])
  })

  test('a broken file is 78', async () => {
    expect((await run(['-c', 'claims.json', '--route', 'notes', '--token', '-', ...CALL])).code).toBe(78)
  })
})
