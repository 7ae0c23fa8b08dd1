// Codex (rust-sdk) as it was seen: a bare GET as its probe, an `error` in the first 401 ends its sign-in,
// scopes from the metadata of the server, no `resource` in older builds, no step-up.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discover, walk } from './walk.ts'
import { ask, startWhole, type Whole } from './whole.ts'

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

describe('Codex (Q-01, Q-02, Q-03, Q-04)', () => {
  test.each(['GET', 'HEAD', 'POST', 'DELETE', 'PUT'])(
    'Q-01: a bare %s without Accept is a 401',
    async (method) => {
      const { status, headers } = await ask(whole.resource, { method })
      expect(status).toBe(401)
      expect(headers.get('location')).toBeNull()
    },
  )

  test('Q-04, CHL-05: no error where no token was sent', async () => {
    expect((await discover(whole)).challenge).not.toContain('error')
  })

  test('Q-02, PRM-16: the pointer is of the same origin', async () => {
    const { challenge } = await discover(whole)
    const pointer = /resource_metadata="([^"]*)"/.exec(challenge)?.[1] ?? ''
    expect(new URL(pointer).origin).toBe(whole.origin)
  })

  test('Q-02: without the pointer it looks at the server, whose scopes are those of the tools', async () => {
    const { json } = await ask(`${whole.origin}/.well-known/oauth-authorization-server/notes/mcp`)
    const fallback = await ask(`${whole.origin}/.well-known/oauth-authorization-server`)
    const found = json['issuer'] === undefined ? fallback.json : json
    expect(found['issuer']).toBe(whole.origin)
    expect(found['scopes_supported']).toEqual(expect.arrayContaining(['notes:read', 'notes:write']))
  })

  test.each([
    ['Q-03: with a resource', true],
    ['Q-03, AS-05: without one, as older builds do', false],
  ])('%s', async (_, named) => {
    await walk(
      whole,
      {
        redirectUri: 'http://127.0.0.1:41873/callback/h7d2',
        registration: { client_name: 'Codex' },
        scope: 'notes:read notes:write offline_access unknown',
        state: 's',
        ...(named ? { resource: whole.resource } : {}),
      },
      'notes:read notes:write',
    )
  })
})
