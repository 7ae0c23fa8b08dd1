// Short ways to write policies, callers and calls in test tables. It decides and asserts nothing.
import type { Call, Target, TargetKind } from '../../src/core/call.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { Circumstances } from '../../src/core/route.ts'
import type { PolicySettings, RuleSettings } from '../../src/core/settings.ts'
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts'
import type { PolicyOptions } from '../../src/policy/kept-policy.ts'

/** What a call is made around, where nothing depends on it. */
export const AROUND: Circumstances = { now: 1_800_000_000_000, address: '127.0.0.1', route: 'notes' }

export const ISSUERS: ReadonlyMap<string, string> = new Map([
  ['corp', 'https://login.example.com'],
  ['other', 'https://other.example.com'],
])

export function rule(name: string, written: Partial<RuleSettings>): RuleSettings {
  return {
    name,
    effect: 'allow',
    tools: [],
    prompts: [],
    resources: [],
    except: [],
    scopes: undefined,
    requireActive: false,
    denial: undefined,
    who: undefined,
    when: undefined,
    mode: 'enforce',
    ...written,
  }
}

export function policy(written: Partial<PolicySettings>): PolicySettings {
  return {
    default: 'deny',
    listing: 'allowed',
    denial: 'http',
    challenge: 'http',
    anonymous: [],
    methods: new Map(),
    rules: [],
    mode: 'enforce',
    ...written,
  }
}

export function compiled(
  written: Partial<PolicySettings>,
  baseline: readonly string[] = [],
  scopesImply: Readonly<Record<string, readonly string[]>> = {},
  annotations: PolicyOptions['annotations'] = new Map(),
): CompiledPolicy {
  return compilePolicy({
    policy: policy(written),
    baseline,
    scopesImply: new Map(Object.entries(scopesImply)),
    issuers: ISSUERS,
    annotations,
  })
}

export function holder(scopes: Iterable<string>): Principal {
  return {
    issuer: 'https://login.example.com',
    subject: 'alice',
    key: 'alice',
    clientId: 'client',
    scopes: new Set(scopes),
    roles: [],
    expiresAt: 2_000_000_000,
    boundKey: undefined,
    claims: {},
  }
}

export function callOf(
  method: string,
  targets: readonly Target[] = [],
  kind: Call['kind'] = 'request',
  args: object = {},
): Call {
  return { kind, id: '1', method, targets, taskId: undefined, mayCreateTask: false, args: () => args }
}

const METHOD: Readonly<Record<TargetKind, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  template: 'completion/complete',
}

/** `use('tool', 'x')` is the call that uses it. */
export function use(kind: TargetKind, name: string, args: object = {}): Call {
  return callOf(METHOD[kind], [{ kind, name }], 'request', args)
}

export function tool(name: string): Call {
  return use('tool', name)
}
