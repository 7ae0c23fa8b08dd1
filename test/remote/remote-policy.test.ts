// policy.source: authsec with a clock that a test moves: how old a policy may be, what happens when its source fails,
// and what the rules of the file are worth beside it (C4, C5).
import type { ServerResponse } from 'node:http'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Decision } from '../../src/core/route.ts'
import { Secret } from '../../src/core/secret.ts'
import type { RuleSettings } from '../../src/core/settings.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { createRemotePolicy, type PolicyMemory, type RemotePolicy } from '../../src/remote/remote-policy.ts'
import { AROUND, policy, rule } from '../policy/policies.ts'
import { RESOURCE_SERVER, SECRET, startAuthSec, type TestAuthSec } from '../support/authsec.ts'
import { type FakeClock, fakeClock, START } from '../token/scene.ts'

const ONE_TOOL = {
  policy_complete: true,
  generation: 12,
  tool_policy: [{ name: 'list', is_public: false, required_scopes: ['a'] }],
}
const HOUR_MS = 3_600_000

let clock: FakeClock
let authsec: TestAuthSec
beforeEach(async () => {
  clock = fakeClock()
  authsec = await startAuthSec(ONE_TOOL)
  onTestFinished(() => authsec.close())
})

function open(
  rules: readonly RuleSettings[] = [],
  orLocal = false,
  memory: PolicyMemory = { last: undefined },
): RemotePolicy {
  const settings = policy({ rules })
  const remote = createRemotePolicy({
    ...{ route: 'a', settings, clock, memory },
    remote: {
      ...{ kind: 'authsec', url: authsec.url, resourceServer: RESOURCE_SERVER },
      ...{ clientId: RESOURCE_SERVER, secret: new Secret(SECRET) },
      ...{ orLocal, legacyEmpty: 'deny', publishManifest: false, suggestedScopes: new Map() },
    },
    compile: (made) =>
      compilePolicy({ policy: made, baseline: [], scopesImply: new Map(), issuers: new Map() }),
  })
  onTestFinished(() => remote.close())
  return remote
}

const PRINCIPAL = {
  ...{
    issuer: 'https://login.example',
    subject: 'ada',
    key: 'ada',
    clientId: undefined,
    scopes: new Set(['a']),
    roles: [],
  },
  ...{ expiresAt: START / 1000 + 600, boundKey: undefined, claims: {} },
}

async function decide(
  remote: RemotePolicy,
  name: string,
  kind: 'tool' | 'prompt' = 'tool',
): Promise<Decision> {
  await remote.refresh()
  const call: Call = {
    ...{ kind: 'request', id: '1', method: kind === 'tool' ? 'tools/call' : 'prompts/get' },
    ...{ targets: [{ kind, name }], taskId: undefined, mayCreateTask: false, args: () => ({}) },
  }
  return remote.policy.decide(PRINCIPAL, { era: 'modern', calls: [call] }, AROUND)
}

/** `ok`, or the reason of the refusal. */
async function call(...asked: Parameters<typeof decide>): Promise<string> {
  return (await decide(...asked)).refusal?.reason ?? 'ok'
}

const down = (response: ServerResponse) => response.writeHead(500).end()

describe('C5: fetching', () => {
  test('one fetch for many callers, with our credentials; the next after half a minute', async () => {
    const remote = open()
    expect(await Promise.all(Array.from({ length: 20 }, () => call(remote, 'list')))).toEqual(
      Array.from({ length: 20 }, () => 'ok'),
    )
    expect(authsec.requests).toHaveLength(1)
    clock.pass(29_000)
    await call(remote, 'list')
    expect(authsec.requests).toHaveLength(1)
    clock.pass(2_000)
    await call(remote, 'list')
    expect(authsec.requests).toHaveLength(2)
  })

  test('the rule that spoke says which policy it was (C6)', async () => {
    const remote = open()
    expect((await decide(remote, 'list')).rule).toBe('authsec#12')
    expect(remote.status()).toMatchObject({ name: 'a policy', ready: true, ageMs: 0, lastError: undefined })
  })

  test('scopes_supported: those of the last document, none before it, and none of an incomplete one', async () => {
    authsec.document = { ...ONE_TOOL, scopes_supported: ['a', 'two words', 'b'] }
    const remote = open()
    expect(remote.scopes()).toEqual([])
    await remote.refresh()
    expect(remote.scopes()).toEqual(['a', 'b'])
    authsec.document = { ...ONE_TOOL, scopes_supported: ['c'], policy_complete: false }
    clock.pass(30_001)
    await remote.refresh()
    expect(remote.scopes()).toEqual([])
  })

  test('policy_complete: false denies every tool at once', async () => {
    const remote = open()
    expect(await call(remote, 'list')).toBe('ok')
    authsec.document = { ...ONE_TOOL, policy_complete: false }
    clock.pass(30_001)
    expect(await call(remote, 'list')).toBe('call_forbidden')
    expect(remote.policy.shows(PRINCIPAL, 'tool', 'list', AROUND)).toBe(false)
  })

  test('while its source is down: good at 119 s, refused with 503 at 121 s, good again when it is back', async () => {
    const remote = open()
    expect(await call(remote, 'list')).toBe('ok')
    authsec.respond = down
    clock.pass(119_000)
    expect(await call(remote, 'list')).toBe('ok')
    clock.pass(2_000)
    expect(await call(remote, 'list')).toBe('policy_unavailable')
    expect(remote.policy.shows(PRINCIPAL, 'tool', 'list', AROUND)).toBe(false)
    expect(remote.status().ready).toBe(false)
    authsec.respond = undefined
    clock.pass(10_000)
    expect(await call(remote, 'list')).toBe('ok')
  })

  test('a source that fails is left alone for ten seconds', async () => {
    authsec.respond = down
    const remote = open()
    for (let i = 0; i < 5; i++) expect(await call(remote, 'list')).toBe('policy_unavailable')
    expect(authsec.requests).toHaveLength(1)
    clock.pass(10_001)
    await call(remote, 'list')
    expect(authsec.requests).toHaveLength(2)
  })

  test('a reload of the file while its source is down keeps the document, for the time that is left', async () => {
    const memory: PolicyMemory = { last: undefined }
    expect(await call(open([], false, memory), 'list')).toBe('ok')
    authsec.respond = down
    clock.pass(100_000)
    const next = open([], false, memory)
    expect(await call(next, 'list')).toBe('ok')
    clock.pass(21_000)
    expect(await call(next, 'list')).toBe('policy_unavailable')
  })

  const faults: readonly (readonly [string, (response: ServerResponse) => unknown])[] = [
    ['reset', (response) => response.socket?.resetAndDestroy()],
    ['refused credentials', (response) => response.writeHead(401).end()],
    ['no JSON', (response) => response.writeHead(200).end('<p>')],
    ['a list', (response) => response.writeHead(200).end('[]')],
    ['no policy in it', (response) => response.writeHead(200).end('{"policy_complete":true}')],
    [
      'completeness as text',
      (response) => response.writeHead(200).end('{"policy_complete":"true","tool_policy":[]}'),
    ],
    ['a redirect', (response) => response.writeHead(302, { location: authsec.url }).end()],
  ]
  test.each(faults)('%s: nobody may, and the start says why', async (_name, respond) => {
    authsec.respond = respond
    const remote = open()
    expect(await remote.probe()).toEqual([expect.stringMatching(/^route a: policy: ./)])
    expect(await call(remote, 'list')).toBe('policy_unavailable')
  })
})

describe('C4: beside the rules of the file', () => {
  const rules = [
    rule('no', { effect: 'deny', tools: ['list'] }),
    rule('local-tool', { tools: ['other'], prompts: ['hello'] }),
  ]

  test('deny rules, prompts and resources of the file count; its tools do not', async () => {
    const remote = open(rules)
    expect(await call(remote, 'list')).toBe('call_forbidden')
    expect(await call(remote, 'other')).toBe('call_forbidden')
    expect(await call(remote, 'hello', 'prompt')).toBe('ok')
  })

  test('authsec_else_local: the tools of the file, as long as there is no policy', async () => {
    authsec.respond = down
    const remote = open(rules, true)
    expect(await call(remote, 'other')).toBe('ok')
    expect(await call(remote, 'list')).toBe('call_forbidden')
    authsec.respond = undefined
    clock.pass(HOUR_MS)
    expect(await call(remote, 'other')).toBe('call_forbidden')
  })
})
