// Gemini CLI as it was seen: root metadata first, then the path; the resource compared as text.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from './walk.ts'
import { ask, startWhole, type Whole } from './whole.ts'

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

describe('Gemini CLI (Q-17)', () => {
  test.each(['', '/notes/mcp'])(
    'PRM-14, PRM-15: /.well-known/oauth-protected-resource%s is the right one',
    async (path) => {
      const { status, json } = await ask(`${whole.origin}/.well-known/oauth-protected-resource${path}`)
      expect(status).toBe(200)
      expect(json['resource']).toBe(whole.resource)
    },
  )

  test('PRM-15: with a slash at the end the resource has one too', async () => {
    const { json } = await ask(`${whole.origin}/.well-known/oauth-protected-resource/notes/mcp/`)
    expect(json['resource']).toBe(`${whole.resource}/`)
  })

  test.each([
    ['by the URL as it was typed', ''],
    ['TOK-08: by the URL with a slash', '/'],
  ])('%s', async (_, slash) => {
    await walk(whole, {
      redirectUri: 'http://localhost:7777/oauth/callback',
      registration: { client_name: 'Gemini CLI MCP Client', scope: 'notes:read' },
      resource: whole.resource + slash,
      scope: 'notes:read',
      state: 's',
    })
  })
})
