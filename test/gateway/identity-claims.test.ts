// `identity.claims`: claims of the proved token in headers for the upstream, and nobody else's word under their names.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectError, file, settingsOf } from '../config/support.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

const MAPPED =
  '    identity: { claims: { email: X-Mcp-Email, realm.roles: x-roles-of-theirs, level: x-level, profile: x-profile } }'

describe('claims in headers', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway({ route: MAPPED })
  })
  afterAll(() => gateway.close())

  async function told(claims: object, headers: Record<string, string> = {}) {
    const token = gateway.token('a', claims)
    const answer = await gateway.post(toolCall('safe'), { ...headers, authorization: `Bearer ${token}` })
    expect(answer.status).toBe(200)
    const seen = gateway.upstream.received.at(-1)?.headers ?? {}
    return ['x-mcp-email', 'x-roles-of-theirs', 'x-level', 'x-profile'].map((name) => seen[name])
  }

  test('text, lists, numbers and members arrive encoded; objects and what is absent do not', async () => {
    const claims = {
      ...{ email: 'ada lovelace@example.com\r\nx-mcp-subject: root', level: 3, profile: { a: 1 } },
      realm: { roles: ['reader', 'wrïter'] },
    }
    const email = 'ada%20lovelace@example.com%0D%0Ax-mcp-subject:%20root'
    expect(await told(claims)).toEqual([email, 'reader wr%C3%AFter', '3', undefined])
    expect(await told({ email: '', realm: 'x', level: null })).toEqual(Array(4).fill(undefined))
  })

  test('a claim that is too long is left out whole', async () => {
    expect(await told({ email: 'a'.repeat(4_096) })).toContain('a'.repeat(4_096))
    expect(await told({ email: 'a'.repeat(4_097) })).toEqual(Array(4).fill(undefined))
  })

  test('H16, H17: what a client sends under these names is not sent, in any spelling', async () => {
    for (const name of [
      'x-mcp-email',
      'X-Level',
      'x_level',
      'x-roles_of-theirs',
      'x-RolesOfTheirs',
      'x-profile',
    ]) {
      await told({}, { [name]: 'admin' })
      const { rawHeaders = [] } = gateway.upstream.received.at(-1) ?? {}
      expect(rawHeaders).not.toContain('admin')
    }
  })

  test('L35: nor does an upstream get them back to the client', async () => {
    const { respond } = gateway.upstream
    gateway.upstream.respond = (request, response, ...rest) => {
      response.setHeader('x-level', '3')
      response.setHeader('x-other', '4')
      respond(request, response, ...rest)
    }
    const { headers } = await gateway.post(toolCall('safe'))
    gateway.upstream.respond = respond
    expect([headers.get('x-level'), headers.get('x-other')]).toEqual([null, '4'])
  })
})

describe('names of headers for claims', () => {
  const mapped = (claims: string, more = '') => file({ route: `identity: { claims: ${claims} }\n${more}` })

  test('are read in small letters', () => {
    const text = mapped('{ email: X-Forwarded-Email, name: remote-name }')
    const expected = { email: 'x-forwarded-email', name: 'remote-name' }
    expect(settingsOf(text).routes[0]?.identityClaims).toEqual(expected)
    expect(settingsOf(file()).routes[0]?.identityClaims).toEqual({})
  })

  test.each([
    ...['authorization', 'cookie', 'host', 'mcp-session-id', 'x-request-id', 'x-forwarded-for', 'x-real-ip'],
    ...['x-original-url', 'x-http-method-override', 'x-forwarded-email-', 'remote', 'x y', 'x-a:'],
  ])('%j is refused', (name) => {
    expectError(mapped(`{ email: "${name}" }`), /expected the name of a header for a claim/)
  })

  test('one header carries one thing', () => {
    expectError(mapped('{ email: x-who, name: X-Who }'), /x-who is written already/)
    expectError(mapped('{ email: x-mcp-subject }'), /x-mcp-subject is written already/)
    const key = 'upstream_auth: { mode: static, header: x-key, value: secret }'
    expectError(mapped('{ email: x-key }', key), /x-key carries the credential of upstream_auth/)
  })
})
