// A reload makes anew what changed and nothing else: the routes that stay are the same objects, with their connections
// and verdicts; what a reload must change, changes on every route.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { createDurableState, type DurableParts } from '../../src/gateway/durable-state.ts'
import { createGeneration, type Generation } from '../../src/gateway/generation.ts'
import { openApprovals } from '../../src/gateway/process-approvals.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { createTestPrograms } from '../support/programs.ts'

const LIMITS = { sharePerCaller: 0.25, streams: 4_000, headerBytes: 12_288, tokenBytes: 8_192 }

function testParts(): DurableParts {
  const shared = createStateInMemory()
  const approvals = openApprovals({
    ...{
      state: shared,
      started: { sessionKey: undefined, limits: LIMITS },
      settings: () => ({ publicUrl: 'https://mcp.example.com' }),
    },
    ...{ tell: () => undefined, log: { warn: () => undefined }, sweeps: false, endsThem: false },
  })
  return {
    shared,
    approvals,
    policies: KEEPING_NONE,
    programs: createTestPrograms(),
    openAssertionKeys() {
      throw new Error('no route sends assertions')
    },
    drifted: () => undefined,
  }
}

const opened: Generation[] = []
let gateway: TestGateway | undefined
afterEach(async () => {
  for (const generation of opened.splice(0)) generation.close()
  await gateway?.close()
  gateway = undefined
})

const KEEPING_NONE = { keep() {}, keepLater() {} }

const PLAIN = {
  top: '',
  secret: 'one',
  key: randomBytes(32).toString('base64'),
  one: 'policy: { rules: [{ tools: [a] }] }',
  others: 'policy: { rules: [{ tools: [b] }] }',
}

function fileOf({ top, one, others }: typeof PLAIN): string {
  const route = (n: number) =>
    `  - { name: r${n}, path: /r${n}, upstream: http://127.0.0.1:3001/mcp, issuers: [${n === 2 ? 'asked' : 'corp'}], ${n === 0 ? one : others} }`
  return `public_url: https://mcp.example.com
session_key: "\${KEY}"
${top}
issuers:
  corp: { issuer: "https://login.example.com" }
  asked:
    issuer: "https://ask.example.com"
    validation: introspection
    introspection: { client_id: gw, client_secret: "\${SECRET}" }
routes:
${[0, 1, 2].map(route).join('\n')}
`
}

/** Which of the three routes are made anew by a reload. */
function rebuilt(
  after: Partial<typeof PLAIN>,
  between: () => void = () => undefined,
  first = PLAIN,
): readonly number[] {
  const durable = createDurableState(testParts())
  const [old, fresh] = [first, { ...first, ...after }].map((given, nth) => {
    const env = { SECRET: given.secret, KEY: given.key }
    const loaded = parseConfig(fileOf(given), { file: 'gateway.yaml', env })
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join())
    if (nth === 1) between()
    const generation = createGeneration(loaded.settings, durable, nth + 1, {
      embedded: undefined,
      verifiers: {},
    })
    opened.push(generation)
    return generation
  })
  const routeAt = (generation: Generation | undefined, n: number) =>
    generation?.endpoints.get(`/r${n}`)?.route
  return [0, 1, 2].filter((n) => routeAt(old, n) !== routeAt(fresh, n))
}

const ALL = [0, 1, 2]
test.each([
  ['nothing', {}, []],
  ['the policy of one route', { one: 'policy: { rules: [{ tools: [c] }] }' }, [0]],
  ['the tests of a policy', { one: `${PLAIN.one}, tests: [{ call: { target: a }, expect: allowed }]` }, []],
  ['the secret of an issuer', { secret: 'two' }, [2]],
  ['the session key', { key: randomBytes(32).toString('base64') }, ALL],
  ['limits that are shared', { top: 'limits: { share_per_caller: 10% }' }, ALL],
  ['scopes that contain others', { top: 'scopes_imply: { a: [b] }' }, ALL],
  ['the mode of all policies', { top: 'mode: observe' }, ALL],
  ['pages that may call', { top: 'allowed_origins: ["https://app.example.com"]' }, []],
])('%s', (_what, after, expected) => {
  expect(rebuilt(after)).toEqual(expected)
})

test('a manifest that was approved anew, in a file of the same name', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'reuse-')), 'manifest.json')
  const manifest = (server: string) =>
    writeFileSync(
      file,
      JSON.stringify({
        portcullis_manifest: 1,
        server: { name: server, version: '1' },
        tools: [],
        prompts: [],
        resources: [],
        templates: [],
      }),
    )
  const pinned = { ...PLAIN, one: `${PLAIN.one}, manifest: { file: ${file} }` }
  manifest('before')
  expect(rebuilt({}, undefined, pinned)).toEqual([])
  expect(rebuilt({}, () => manifest('after'), pinned)).toEqual([0])
})

test('equal policies of two routes are one', () => {
  const loaded = parseConfig(fileOf(PLAIN), { file: 'gateway.yaml', env: { SECRET: 's', KEY: PLAIN.key } })
  if (!loaded.ok) throw new Error('the file does not load')
  const durable = createDurableState(testParts())
  const twin = {
    ...(loaded.settings.routes[1] as (typeof loaded.settings.routes)[number]),
    name: 'twin',
    path: '/twin',
  }
  const settings = { ...loaded.settings, routes: [...loaded.settings.routes, twin] }
  const generation = createGeneration(settings, durable, 1, { embedded: undefined, verifiers: {} })
  opened.push(generation)
  const [one, other] = ['/r1', '/twin'].map((path) => generation.endpoints.get(path)?.route)
  expect(one).not.toBe(other)
  expect(one?.policy).toBe(other?.policy)
})

test('a connection to a server outlives a reload that does not touch its route', async () => {
  gateway = await startTestGateway()
  const sockets = new Set<unknown>()
  gateway.upstream.server.on('connection', (socket: unknown) => sockets.add(socket))
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  await gateway.reload()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  expect(sockets.size).toBe(1)
})
