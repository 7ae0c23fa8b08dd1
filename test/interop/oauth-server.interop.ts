// An authorization server of somebody else, as it is published, with config/mcp-oauth-server.yaml as it stands: registration,
// consent, token, call, one more scope, refresh, revocation, with both generations of the official client.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../src/cli/demo/client-v2.ts'
import { DemoLogin } from '../../src/cli/demo/login.ts'
import { type DemoSession, openDemoSession, rejection } from '../../src/cli/demo/session.ts'
import { createWire, type Wire } from '../../src/cli/demo/wire.ts'
import { freePort } from '../support/free-port.ts'
import { type NotesServer, startNotes } from './harness/notes.ts'
import { GATEWAY_CLIENT, type RunningOAuthServer, startOAuthServer } from './harness/oauth-server.ts'
import { type PresetGateway, startPreset } from './harness/preset.ts'

const TOOL = 'list_notes'
const OTHER_TOOL = 'add_note'
const ANSWER = 'no notes'

let upstream: NotesServer
let issuer: RunningOAuthServer
let gateway: PresetGateway
let url: string

beforeAll(async () => {
  upstream = await startNotes()
  const origin = `http://127.0.0.1:${await freePort()}`
  url = `${origin}/notes/mcp`
  issuer = await startOAuthServer(url, ['notes:read', 'notes:write'])
  gateway = await startPreset({
    preset: 'mcp-oauth-server',
    origin,
    upstream: upstream.url,
    replace: [
      ['issuer: https://login.example.com/', `issuer: ${issuer.issuer}\n    allow_insecure_issuer: true`],
      ['https://login.example.com/introspect', issuer.introspection],
    ],
    env: { INTROSPECTION_SECRET: GATEWAY_CLIENT.secret },
  })
})

afterAll(async () => {
  await gateway?.close()
  await issuer?.close()
  await upstream?.close()
})

it('the gateway starts without a warning', () => {
  expect(gateway.log).toEqual([])
})

describe.each([
  ['client 1.x', openV1],
  ['client 2.x', openV2],
] as const)('H1: mcp-oauth-server 1.0.0 with %s', (_, open) => {
  let wire: Wire
  let login: DemoLogin
  let session: DemoSession

  beforeAll(async () => {
    wire = createWire()
    const grantTypes = ['authorization_code', 'refresh_token']
    login = new DemoLogin({ clientName: 'interop', grantTypes, browse: issuer.browse })
    session = await openDemoSession(open, url, login, wire)
  })
  afterAll(() => session?.close())

  const statuses = (path: string) =>
    wire
      .take()
      .filter((exchange) => exchange.path === path)
      .map(({ status }) => status)

  it('registers, the person agrees, and there is a token', async () => {
    await session.signIn()
    const seen = wire.take()
    expect(seen.find(({ path }) => path === '/register')?.status).toBe(201)
    expect(login.granted).toBe('notes:read')
  })

  it('sees and calls what the scope opens', async () => {
    expect(await session.toolNames()).toEqual([TOOL])
    expect(await session.call(TOOL, {})).toBe(ANSWER)
  })

  it('CHL-11: agrees to one more scope', async () => {
    const { access_token, token_type, scope } = login.tokens() ?? { access_token: '', token_type: '' }
    login.saveTokens({ access_token, token_type, scope }) // SDK 1.x would refresh instead, and give up
    await rejection(session.call(OTHER_TOOL, {}))
    await session.stepUp()
    expect(login.granted.split(' ').sort()).toEqual(['notes:read', 'notes:write'])
    expect(await session.toolNames()).toEqual(expect.arrayContaining([TOOL, OTHER_TOOL]))
  })

  it('renews what ran out', async () => {
    login.spoilAccessToken()
    wire.take()
    expect(await session.call(TOOL, {})).toBe(ANSWER)
    expect(statuses('/token')).toEqual([200])
  })

  it('is refused at the next call once the token is revoked', async () => {
    const { access_token: token, refresh_token: refresh } = login.tokens() ?? {}
    const client = login.clientInformation()?.client_id ?? ''
    for (const revoked of [refresh, token]) {
      const body = new URLSearchParams({ token: revoked ?? '', client_id: client })
      expect((await fetch(new URL('/revoke', issuer.issuer), { method: 'POST', body })).status).toBe(200)
    }
    wire.take()
    await rejection(session.call(TOOL, {}))
    expect(statuses('/notes/mcp')[0]).toBe(401)
  })
})
