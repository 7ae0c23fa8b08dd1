// `portcullis import authsec-env`: what it writes loads, keeps secrets in their variables, and never becomes looser.
import { describe, expect, test } from 'vitest'
import { run as importFile } from '../../../src/cli/serve/import.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { renderProblem } from '../../../src/config/problem.ts'
import type { Settings } from '../../../src/core/settings.ts'
import { checkPolicies } from '../../../src/policy/check.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const ENV = {
  AUTHSEC_ISSUER: 'https://prod.api.authsec.ai/authsec/oauth',
  AUTHSEC_RESOURCE_URI: 'https://mcp.example.com/notes/mcp',
  AUTHSEC_RESOURCE_NAME: 'My notes',
  AUTHSEC_RESOURCE_SERVER_ID: 'rs-1',
  AUTHSEC_INTROSPECTION_CLIENT_SECRET: 'canary-secret',
  AUTHSEC_TOOL_SCOPES_JSON: '{"list":["notes:read"],"odd ${x}":["a","b"],"free":[]}',
}

async function imported(env: Readonly<Record<string, string>>) {
  const io = { ...recordingIo(), env }
  const code = await importFile(['authsec-env'], io)
  return { code, out: io.out(), err: io.err() }
}

async function settingsFor(over: Readonly<Record<string, string>>): Promise<Settings> {
  const env = { ...ENV, ...over }
  const { code, out } = await imported(env)
  expect(code).toBe(0)
  expect(out).not.toContain('canary-secret')
  const loaded = parseConfig(out, { file: 'gateway.yaml', env, checks: [checkPolicies] })
  expect(loaded.ok ? [] : loaded.problems.map(renderProblem), out).toEqual([])
  if (!loaded.ok) throw new Error('does not load')
  return loaded.settings
}

describe('import authsec-env', () => {
  test('issuer, route and rules', async () => {
    const settings = await settingsFor({ AUTHSEC_POLICY_MODE: 'local_only' })
    expect(settings.publicUrl).toBe('https://mcp.example.com')
    expect(settings.issuers.get('authsec')).toMatchObject({
      ...{ issuer: ENV.AUTHSEC_ISSUER, validation: 'jwt_and_introspection' },
      introspection: { clientId: 'rs-1' },
    })
    const [route] = settings.routes
    expect(route).toMatchObject({ name: 'My-notes', path: '/notes/mcp', policy: { default: 'deny' } })
    expect(route?.policy.rules.map(({ tools }) => tools[0])).toEqual(['list', 'odd ${x}'])
  })

  test.each([
    ['jwt_only', 'jwt'],
    ['introspection_only', 'introspection'],
    ['jwt_and_introspect', 'jwt_and_introspection'],
    ['T-16: jwt_or_introspect', 'jwt_else_introspection'],
  ])('B1: %s', async (mode, validation) => {
    const settings = await settingsFor({ AUTHSEC_VALIDATION_MODE: mode.replace('T-16: ', '') })
    expect(settings.issuers.get('authsec')?.validation).toBe(validation)
  })

  test.each([
    ['remote_required', { orLocal: false }],
    ['remote_with_local_fallback', { orLocal: true }],
    ['local_only', undefined],
    ['open', undefined],
    ['observe', undefined],
    ['enforce', { orLocal: false }],
    [' REMOTE_REQUIRED ', { orLocal: false }],
    ['', { orLocal: false }],
    ['no-such-mode', { orLocal: false }],
  ])('C4: %s', async (mode, remote) => {
    const [route] = (await settingsFor({ AUTHSEC_POLICY_MODE: mode })).routes
    if (remote === undefined) expect(route?.policy.remote).toBeUndefined()
    else expect(route?.policy.remote).toMatchObject(remote)
    expect(route?.policy.default).toBe('deny')
  })

  test('older names, from a file', async () => {
    const text =
      'AUTHSEC_ISSUER=https://a.example\nAUTHSEC_RESOURCE=https://m.example/mcp\nAUTHSEC_JWKS_URI=https://a.example/k\nAUTHSEC_INTROSPECTION_ENDPOINT=https://a.example/i\n'
    const io = recordingIo({
      cwd: folderWith({ '.env': `${text}AUTHSEC_INTROSPECTION_ID=c\nAUTHSEC_INTROSPECTION_SECRET=s\n` }),
    })
    expect(await importFile(['authsec-env', '.env'], io)).toBe(0)
    expect(io.out()).toContain('client_secret: ${AUTHSEC_INTROSPECTION_SECRET}')
    expect(io.out()).toContain('# AUTHSEC_JWKS_URL is not needed')
  })

  test.each([
    [
      'a policy at AuthSec, and no credentials for it',
      { ...ENV, AUTHSEC_INTROSPECTION_CLIENT_SECRET: '' },
      1,
      /remote_required is the policy mode, which needs AUTHSEC_INTROSPECTION_CLIENT_SECRET/,
    ],
    ['nothing is set', {}, 1, /not set: AUTHSEC_ISSUER, AUTHSEC_RESOURCE_URI/],
    ['a resource that is no URL', { ...ENV, AUTHSEC_RESOURCE_URI: 'notes' }, 1, /not an absolute URL/],
    ['scopes that are no map', { ...ENV, AUTHSEC_TOOL_SCOPES_JSON: '["a"]' }, 1, /not a map/],
    ['scopes that are no JSON', { ...ENV, AUTHSEC_TOOL_SCOPES_JSON: '{' }, 1, /not a map/],
  ])('%s', async (_name, env, code, words) => {
    const told = await imported(env)
    expect(told).toMatchObject({ code, out: '' })
    expect(told.err).toMatch(words)
  })

  test('wrong use', async () => {
    const io = recordingIo()
    expect(await importFile(['wacht'], io)).toBe(2)
    expect(await importFile(['authsec-env', 'no-such-file'], io)).toBe(2)
    expect(io.err()).toMatch(/expected a format[\s\S]*cannot be read/)
  })
})
