// `npm run bench:policy`: what large policies cost. A thousand rules over two thousand tools against ten rules, a
// list of two thousand tools, and the conditions that a hostile caller would choose. Prints; asserts only answers.
import { strictEqual } from 'node:assert/strict'
import type { Call } from '../src/core/call.ts'
import type { Principal } from '../src/core/principal.ts'
import type { RuleSettings } from '../src/core/settings.ts'
import { filterListing } from '../src/mcp/listing.ts'
import { type CompiledPolicy, compilePolicy } from '../src/policy/compile.ts'
import { compileCondition } from '../src/policy/condition/compile.ts'
import { VOCABULARY, variablesOf } from '../src/policy/condition/vocabulary.ts'
import { type Timing, time } from './timing.ts'

const TOOLS = 2_000
const AROUND = { now: Date.now(), address: '127.0.0.1', route: 'bench' }
const LIST_LIMIT_MICROS = 15_000

const ALICE: Principal = {
  issuer: 'https://login.example.com',
  subject: 'alice',
  key: 'alice',
  clientId: 'desk',
  scopes: new Set(['use']),
  roles: ['staff'],
  expiresAt: Number.MAX_SAFE_INTEGER,
  boundKey: undefined,
  claims: {},
}

const nameOf = (index: number) => `tool_${index}`

/** Every rule names its share of the tools, some by pattern, some for some callers, some with a condition. */
function policyOf(count: number): CompiledPolicy {
  const share = TOOLS / count
  const rules = Array.from({ length: count }, (_, index): RuleSettings => {
    const own = Array.from({ length: share }, (_unused, at) => nameOf(index * share + at))
    return {
      name: `rule${index}`,
      effect: 'allow',
      tools: index % 10 === 0 ? [`${own[0]}*`, ...own] : own,
      ...{ prompts: [], resources: [], except: [], scopes: { any: ['use'] }, requireActive: false },
      ...{ denial: undefined, who: undefined, mode: 'enforce' },
      when: index % 3 === 0 ? 'args.amount <= 100 && principal.subject != "bob"' : undefined,
    }
  })
  const switches = {
    default: 'deny',
    listing: 'allowed',
    denial: 'http',
    challenge: 'http',
    mode: 'enforce',
  } as const
  return compilePolicy({
    policy: { ...switches, anonymous: [], methods: new Map(), rules },
    ...{ baseline: [], scopesImply: new Map(), issuers: new Map() },
  })
}

function callOf(index: number): Call {
  const targets = [{ kind: 'tool', name: nameOf(index % TOOLS) }] as const
  const rest = { kind: 'request', id: '1', taskId: undefined, mayCreateTask: false } as const
  return { ...rest, method: 'tools/call', targets, args: () => ({ amount: 7 }) }
}

async function timeCalls(policy: CompiledPolicy, name: string): Promise<Timing> {
  let index = 0
  const call = () => policy.decide(ALICE, { era: 'modern', calls: [callOf(index++)] }, AROUND)
  strictEqual(call().refusal, undefined)
  return await time(name, call)
}

async function timeList(policy: CompiledPolicy, name: string): Promise<Timing> {
  const tools = Array.from({ length: TOOLS }, (_, index) => ({
    name: nameOf(index),
    inputSchema: { type: 'object' },
  }))
  const list = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }))
  const shows = (kind: 'tool' | 'prompt' | 'resource' | 'template', tool: string) =>
    policy.shows(ALICE, kind, tool, AROUND)
  strictEqual(shows('tool', nameOf(TOOLS - 1)), true)
  return await time(name, () => filterListing(list, { shows, maxTtlMs: 60_000 }), LIST_LIMIT_MICROS)
}

/** D14: the inputs that stopped other evaluators for seconds, and the most work that ours allows. */
async function timeHostile(): Promise<Timing[]> {
  const cases: readonly (readonly [text: string, args: object])[] = [
    ['args.a.matches("(a+)+$")', { a: `${'a'.repeat(4_095)}b` }],
    ['args.a.matches("(?:a?){300}a{300}")', { a: 'a'.repeat(300) }],
    ['args.a.all(x, x.matches("(?:a?){300}a{300}"))', { a: Array(300).fill('a'.repeat(20)) }],
    ['args.a.all(x, x in args.a)', { a: Array.from({ length: 300 }, (_, index) => index) }],
    ['args.a == args.b', { a: Array(30_000).fill([1]), b: Array(30_000).fill([1]) }],
    ['args.path.isUnder("/home/" + principal.subject)', { path: '/home/alice/a.txt' }],
  ]
  const timings: Timing[] = []
  for (const [text, args] of cases) {
    const condition = compileCondition(text, VOCABULARY)
    const target = { kind: 'tool', name: 't' } as const
    const seen = { principal: ALICE, anybody: false, method: 'tools/call', target, args: () => args }
    const variables = variablesOf({ ...seen, annotations: undefined, circumstances: AROUND })
    timings.push(await time(`condition ${text}`, () => condition.ask(variables)))
  }
  return timings
}

const [small, large] = [policyOf(10), policyOf(1_000)]
const timings = [
  await timeCalls(small, 'decision, 10 rules'),
  await timeCalls(large, 'decision, 1000 rules'),
  await timeList(small, `list of ${TOOLS} tools, 10 rules`),
  await timeList(large, `list of ${TOOLS} tools, 1000 rules`),
  ...(await timeHostile()),
]
for (const { name, micros, limitMicros } of timings) {
  const limit = limitMicros === undefined ? '' : `  (at most ${limitMicros})`
  console.log(`${micros.toFixed(2).padStart(12)} µs  ${name}${limit}`)
}
