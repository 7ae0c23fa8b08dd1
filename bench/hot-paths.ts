// The functions that every request, or every list, pays for: each timed alone in this process, made from the same
// configuration as the gateway. Each is first shown to do its work.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { loadConfig } from '../src/config/load.ts'
import { filterListing } from '../src/mcp/listing.ts'
import { readMessage } from '../src/mcp/message.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import { readCredential } from '../src/token/credential.ts'
import { createIssuer } from '../src/token/issuer.ts'
import { createVerifier } from '../src/token/verifier.ts'
import { REQUEST_BODY, type Scene } from './scene.ts'
import { writeGatewayConfig } from './subjects/gateway.ts'
import { type Timing, time } from './timing.ts'

const LISTED_TOOLS = 2_000
const LIST_LIMIT_MICROS = 15_000

export async function timeHotPaths(scene: Scene): Promise<readonly Timing[]> {
  const loaded = loadConfig({ file: writeGatewayConfig(scene, 1, 2), env: {}, checks: [] })
  ok(loaded.ok, 'the configuration of the benchmark must load')
  const { issuers, routes, scopesImply } = loaded.settings
  const [route] = routes
  const [issuerSettings] = issuers.values()
  ok(route && issuerSettings, 'it has a route and an issuer')

  const body = Buffer.from(REQUEST_BODY)
  const headers = { version: ['2025-11-25'], method: [], name: [] }
  const message = readMessage(body, headers)
  ok(message.ok, 'the request is read')

  const issuer = createIssuer(issuerSettings)
  const verifier = createVerifier({
    audience: [scene.resource],
    issuers: [issuer],
    dpop: 'accept',
  })
  const fields = ['authorization', `Bearer ${scene.tokens[0]}`]
  const credential = readCredential(fields, 'POST', scene.resource, 8_192, undefined)
  ok(credential.ok, 'the credential is read')
  const principal = await verifier.verify(credential.value, Date.now())
  ok(principal.ok, 'the token is good')

  const policy = compilePolicy({
    policy: route.policy,
    baseline: route.scopes,
    scopesImply,
    issuers: new Map(),
  })
  const around = { now: Date.now(), address: '127.0.0.1', route: route.name }
  strictEqual(policy.decide(principal.value, message.value, around).rule, 'listing')

  const list = toolList(LISTED_TOOLS)
  const filter = {
    shows: (kind: 'tool' | 'prompt' | 'resource' | 'template', name: string) =>
      policy.shows(principal.value, kind, name, around),
    maxTtlMs: 60_000,
  }
  deepStrictEqual(toolNames(filterListing(list, filter)), toolNames(list).filter(isAllowed))

  const timings = [
    await time(`scan of a body of ${body.length} bytes`, () => readMessage(body, headers)),
    await time('policy decision', () => policy.decide(principal.value, message.value, around)),
    await time('cached verify', () => verifier.prove(credential.value, Date.now())),
    await time(
      `filter of a list of ${LISTED_TOOLS} tools`,
      () => filterListing(list, filter),
      LIST_LIMIT_MICROS,
    ),
    await time('the same, parsed and printed', () => parseAndPrint(list, filter.shows)),
  ]
  await issuer.close()
  return timings
}

/** Half of the tools may be shown: `search_…` is allowed by a rule, nothing speaks of `other_…`. */
function toolList(count: number): Buffer {
  const tools = Array.from({ length: count }, (_, n) => ({
    name: `${n % 2 === 0 ? 'search' : 'other'}_${n}`,
    description: 'Finds what you ask for, and tells where it was found and when it was last changed.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'what to look for' }, limit: { type: 'integer' } },
      required: ['query'],
    },
  }))
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }))
}

/** What a filter would be that trusts the list, as a yardstick of the machine: large numbers would change. */
function parseAndPrint(list: Buffer, shows: (kind: 'tool', name: string) => boolean): Buffer {
  const message = JSON.parse(list.toString()) as { result: { tools: { name: string }[] } }
  message.result.tools = message.result.tools.filter(({ name }) => shows('tool', name))
  return Buffer.from(JSON.stringify(message))
}

function isAllowed(name: string): boolean {
  return name.startsWith('search_')
}

function toolNames(list: Buffer | undefined): readonly string[] {
  const { result } = JSON.parse(String(list)) as { result: { tools: { name: string }[] } }
  return result.tools.map(({ name }) => name)
}
