// Tokens, in every revision: which are accepted, which are a 401, and where they may stand.
import { expect, test } from 'vitest'
import { type Ask, ask, type Revision, toolCallOf } from './revision.ts'
import { AUDIENCE, type Scene } from './scene.ts'

export function describeTokens(revision: Revision, at: () => Scene): void {
  test.each(['POST', 'GET', 'DELETE'] as const)(
    'TOK-01 SES-01 %s without a token is a 401',
    async (method) => {
      const message = method === 'POST' ? toolCallOf(revision) : {}
      const { status, headers, seen } = await ask(at().gateway, message, { method, authorization: '' })
      expect([status, seen]).toEqual([401, []])
      expect(headers['www-authenticate']).toMatch(/^Bearer resource_metadata="http[^"]+", scope="a"$/)
    },
  )

  test('TOK-01 an earlier token on the same connection does not count', async () => {
    expect((await at().send(revision)).status).toBe(200)
    expect((await at().send(revision, { authorization: '' })).status).toBe(401)
  })

  const accepted: readonly (readonly [string, () => Ask])[] = [
    ['TOK-04 the scheme in any case', () => ({ authorization: `bEARER   ${at().token()}` })],
    ['TOK-07 the audience', () => ({})],
    [
      'TOK-07 the audience among others',
      () => ({ authorization: at().bearer('a', { aud: ['x', AUDIENCE] }) }),
    ],
    ['TOK-08 one slash more', () => ({ authorization: at().bearer('a', { aud: `${AUDIENCE}/` }) })],
    [
      'TOK-08 host case and default port',
      () => ({ authorization: at().bearer('a', { aud: 'HTTP://mcp.EXAMPLE:80/mcp' }) }),
    ],
    [
      'TOK-09 an audience that the file names',
      () => ({ authorization: at().bearer('a', { aud: 'urn:alias' }) }),
    ],
    ['TOK-13 scp as a list', () => ({ authorization: at().bearer('', { scope: undefined, scp: ['a'] }) })],
    ['TOK-14 a broader scope implies it', () => ({ authorization: at().bearer('superuser') })],
  ]
  test.each(accepted)('%s is accepted', async (_, how) =>
    expect((await at().send(revision, how())).status).toBe(200),
  )

  const now = () => Math.floor(Date.now() / 1_000)
  const refused: readonly (readonly [string, () => string])[] = [
    ['TOK-06 expired', () => at().bearer('a', { exp: now() - 60 })],
    ['TOK-06 not yet valid', () => at().bearer('a', { nbf: now() + 600 })],
    ['TOK-06 without expiry', () => at().bearer('a', { exp: undefined })],
    ['TOK-07 FWD-02 for another resource', () => at().bearer('a', { aud: 'http://mcp.example/other' })],
    ['TOK-07 without an audience', () => at().bearer('a', { aud: undefined })],
    ['TOK-08 a prefix of the audience', () => at().bearer('a', { aud: 'http://mcp.example' })],
    ['TOK-08 more than the audience', () => at().bearer('a', { aud: `${AUDIENCE}/more` })],
    ['TOK-08 the path in another case', () => at().bearer('a', { aud: 'http://mcp.example/MCP' })],
    ['TOK-09 the client as audience', () => at().bearer('a', { aud: 'client-1' })],
    ['TOK-10 an opaque token', () => 'Bearer opaque'],
    ['TOK-10 an ID token', () => at().bearer('a', { aud: 'client-1', nonce: 'n', at_hash: 'h' })],
    ['TOK-11 alg none', () => `Bearer ${unsigned(at().token())}`],
    ['TOK-11 a broken signature', () => `${at().bearer().slice(0, -8)}AAAAAAAA`],
    ['TOK-16 another issuer', () => at().bearer('a', { iss: 'https://other.example' })],
    ['TOK-17 a bound token without its proof', () => at().bearer('a', { cnf: { jkt: 'x'.repeat(43) } })],
    ['TOK-17 bound to a certificate', () => at().bearer('a', { cnf: { 'x5t#S256': 'x'.repeat(43) } })],
    ['TOK-18 an email is no subject', () => at().bearer('a', { sub: undefined, email: 'user@example.com' })],
  ]
  test.each(refused)('%s is a 401', async (_, authorization) => {
    const { status, headers, seen } = await at().send(revision, { authorization: authorization() })
    expect([status, seen]).toEqual([401, []])
    expect(headers['www-authenticate']).toMatch(/error="invalid_(token|dpop_proof)"/)
  })

  test('TOK-02 a token in the query counts as none and goes nowhere', async () => {
    const path = `/mcp/a?access_token=${at().token()}&keep=1`
    expect((await at().send(revision, { path, authorization: '' })).status).toBe(401)
    expect((await at().send(revision, { path })).seen.map(({ url }) => url)).toEqual(['/mcp?keep=1'])
  })

  test('TOK-03 two Authorization lines are a 400', async () => {
    const { body, headers } = toolCallOf(revision)
    const twice = { ...headers, authorization: [at().bearer(), at().bearer()] as unknown as string }
    const { status, seen } = await ask(at().gateway, { body, headers: twice }, { authorization: '' })
    expect([status, seen]).toEqual([400, []])
  })

  test('TOK-05 a form is no way to send a token', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await at().send(revision, { authorization: '', headers: form })).status).toBe(401)
    expect((await at().send(revision, { headers: form })).status).toBe(415)
  })

  test('TOK-15 a scope is not enough where a rule denies', async () => {
    const { status, code, headers } = await at().send(
      revision,
      { authorization: at().bearer('superuser') },
      'forbidden',
    )
    expect([status, code, headers['www-authenticate']]).toEqual([403, 403, undefined])
  })

  test('TOK-18 identity is issuer and subject, whatever else the token claims', async () => {
    const { seen } = await at().send(revision, {
      authorization: at().bearer('a', { email: 'root@x', preferred_username: 'root' }),
    })
    expect(seen[0]?.headers).toMatchObject({
      'x-mcp-subject': 'user-1',
      'x-mcp-issuer': at().gateway.issuer.url,
    })
  })
}

function unsigned(signed: string): string {
  const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  return `${header}.${signed.split('.')[1]}.`
}
