// Whose token was refused, in the audit: told where the token itself is genuine, and never from one that may be made up.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterAll(() => gateway.close())

const now = () => Math.floor(Date.now() / 1000)
const THUMBPRINT = 'A'.repeat(43)

async function refusedWith(token: string): Promise<Record<string, unknown> | undefined> {
  expect((await gateway.post(toolCall('safe'), { authorization: `Bearer ${token}` })).status).toBe(401)
  return gateway.audit().findLast(({ event }) => event === 'decision')
}

/** The same header and claims, with a signature that nobody made. */
function forged(token: string): string {
  const [head, payload] = token.split('.')
  return `${head}.${payload}.${Buffer.alloc(256, 1).toString('base64url')}`
}

describe('the client of a refused token', () => {
  test.each([
    ['expired', () => gateway.token('a', { iat: now() - 900, exp: now() - 600 }), 'expiry'],
    ['for somebody else', () => gateway.token('a', { aud: 'https://other.example' }), 'audience'],
    ['bound to a key, without a proof', () => gateway.token('a', { cnf: { jkt: THUMBPRINT } }), 'binding'],
    ['without a subject', () => gateway.token('a', { sub: undefined }), 'subject'],
  ])('%s', async (_name, token, check) => {
    expect(await refusedWith(token())).toMatchObject({ reason: 'token_rejected', check, client: 'client-1' })
  })

  test.each([
    ['K60 a signature that does not hold names nobody', () => forged(gateway.token())],
    [
      'K60 a token of an issuer that is none names nobody',
      () => gateway.token('a', { iss: 'https://x.example' }),
    ],
    ['text', () => 'garbage'],
  ])('%s', async (_name, token) => {
    const line = await refusedWith(token())
    expect(line).toMatchObject({ reason: 'token_rejected' })
    for (const name of ['issuer', 'subject', 'client', 'scopes', 'audience'])
      expect(line).not.toHaveProperty(name)
  })
})

describe('the holder of a refused token', () => {
  const holder = () => ({ issuer: gateway.issuer.url, subject: 'user-1' })

  test('another audience: which was there, and which was wanted', async () => {
    const line = await refusedWith(gateway.token('a', { aud: ['https://other.example', 'x'.repeat(300)] }))
    expect(line).toMatchObject({
      ...{ ...holder(), check: 'audience', audience: ['https://other.example', 'x'.repeat(200)] },
      audience_wanted: [gateway.resource],
    })
  })

  test('an audience that is no text is not repeated', async () => {
    const line = await refusedWith(gateway.token('a', { aud: { secret: 'canary' } }))
    expect(line).toMatchObject({ check: 'audience', audience: [], audience_wanted: [gateway.resource] })
  })

  test('expired', async () => {
    expect(await refusedWith(gateway.token('a', { iat: now() - 900, exp: now() - 600 }))).toMatchObject(
      holder(),
    )
  })

  test('K60 who shows a token that is bound to a key is not known to be its holder', async () => {
    const line = await refusedWith(
      gateway.token('a', { aud: 'https://other.example', cnf: { jkt: THUMBPRINT } }),
    )
    expect(line).toMatchObject({ check: 'audience', client: 'client-1' })
    expect(line).not.toHaveProperty('subject')
  })

  test('a scope that is missing: which were granted, and which is wanted', async () => {
    await (await gateway.post(toolCall('danger'))).text()
    const line = gateway.audit().findLast(({ event }) => event === 'decision')
    expect(line).toMatchObject({ ...holder(), reason: 'scope_missing', scopes: ['a'], missing: ['admin'] })
  })
})
