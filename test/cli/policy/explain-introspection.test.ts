// `portcullis explain` where the gateway would ask the issuer: it asks too, tells the answer, and shows the token to nobody
// else.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run as explain } from '../../../src/cli/policy/explain.ts'
import { startIssuer, type TestIssuer } from '../../support/issuer.ts'
import { gatewayYaml, RESOURCE } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const CALL = ['tools/call', 'list_notes']
const OPAQUE = 'opaque-token'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

const now = () => Math.floor(Date.now() / 1000)
const said = (over: object = {}) => ({
  ...{ iss: issuer.url, aud: RESOURCE, sub: 'ann', client_id: 'c', scope: 'notes:read' },
  ...{ iat: now(), exp: now() + 600, ...over },
})

async function run(validation: string, token: string, call: readonly string[] = CALL) {
  const secret = 'client_id: portcullis, client_secret: s3cret'
  const more = `allow_insecure_issuer: true, validation: ${validation}, introspection: { ${secret} }`
  const yaml = gatewayYaml([], issuer.url).replace('allow_insecure_issuer: true', more)
  const io = recordingIo({
    cwd: folderWith({ 'gateway.yaml': yaml }),
    stdin: token,
  })
  const code = await explain(['--route', 'notes', '--token', '-', ...call], io)
  expect(io.out()).not.toContain(token)
  return { code, out: io.out(), err: io.err() }
}

describe('an opaque token', () => {
  test.each(['introspection', 'jwt_else_introspection'])('allowed with %s', async (validation) => {
    issuer.introspect = () => ({ active: true, ...said() })
    const { code, out } = await run(validation, OPAQUE)
    expect(out).toContain('✓ introspection active')
    expect(out).toContain('✓ scope expected notes:read; got notes:read')
    expect(out).toMatch(/\nallowed\n$/)
    expect([code, issuer.requests.introspection]).toEqual([0, 1])
  })

  test('inactive', async () => {
    const { code, out } = await run('introspection', OPAQUE)
    expect(code).toBe(1)
    expect(out).toContain('✗ introspection inactive: not active')
    expect(out).toMatch(/\nrefused: the token \(introspection\)\n$/)
  })

  test('an issuer that does not answer decides nothing', async () => {
    issuer.faults.introspection = { status: 401 }
    const { code, out } = await run('introspection', OPAQUE)
    expect(code).toBe(1)
    expect(out).toContain('? introspection unanswered: issuer dev: it refuses our client credentials')
    expect(out).toMatch(/\nnot decided: the issuer does not answer\n$/)
  })

  test('an answer for another audience, with a scope too few', async () => {
    issuer.introspect = () => ({ active: true, ...said({ aud: 'https://other.example', scope: '' }) })
    const { out } = await run('introspection', OPAQUE)
    expect(out).toContain(`✗ aud   expected ${RESOURCE}; got https://other.example`)
    expect(out).toMatch(/\nrefused: the token \(aud\)\n$/)
  })

  test('what is wrong comes first: no subject, and nothing is said of scopes', async () => {
    issuer.introspect = () => ({ active: true, ...said({ sub: undefined }) })
    const { out } = await run('introspection', OPAQUE)
    expect(out).toMatch(/^token, on route notes\n {2}✗ no usable subject\n/)
    expect(out).not.toContain('✗ scope')
    expect(out).toContain('no rule was asked, since the token does not say who calls')
    expect(out).toMatch(/\nrefused: the token \(no usable subject\)\n$/)
  })

  test('a route that takes none asks nobody', async () => {
    const { code, err } = await run('jwt_and_introspection', OPAQUE)
    expect([code, issuer.requests.introspection]).toEqual([2, 0])
    expect(err).toContain('no issuer of the route takes opaque ones')
  })
})

describe('a signed token', () => {
  test('introspected alone: the answer decides, not the claims', async () => {
    issuer.introspect = () => ({ active: true, ...said({ scope: 'notes:read notes:write' }) })
    const { code, out } = await run('introspection', issuer.sign(said()), ['tools/call', 'create_note'])
    expect(out).toMatch(/\nallowed\n$/)
    expect(code).toBe(0)
  })

  test('both must agree: scopes are those that both name', async () => {
    issuer.introspect = () => ({ active: true, ...said({ scope: '' }) })
    const { code, out } = await run('jwt_and_introspection', issuer.sign(said()))
    expect(out).toContain('✓ signature verified')
    expect(out).toMatch(/\nrefused: scope_missing\n$/)
    issuer.introspect = () => ({ active: true, ...said({ sub: 'bob' }) })
    const other = await run('jwt_and_introspection', issuer.sign(said()))
    expect(other.out).toMatch(/\nrefused: the token \(introspection names another subject\)\n$/)
    expect([code, other.code]).toEqual([1, 1])
  })

  test('both must agree: inactive', async () => {
    const { out } = await run('jwt_and_introspection', issuer.sign(said()))
    expect(out).toMatch(/✗ introspection inactive: not active, though its exp has not come/)
    expect(out).toMatch(/\nrefused: the token \(introspection\)\n$/)
  })

  test('of another issuer: nobody is shown it', async () => {
    const { code } = await run('introspection', issuer.sign(said({ iss: 'https://other.example' })))
    expect([code, issuer.requests.introspection]).toEqual([1, 0])
  })

  test('keys decide where only opaque tokens are introspected', async () => {
    const { code } = await run('jwt_else_introspection', issuer.sign(said()))
    expect([code, issuer.requests.introspection]).toEqual([0, 0])
  })
})
