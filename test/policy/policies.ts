// Short ways to write policies, callers and calls in test tables. It decides and asserts nothing.
import type { Call, Target, TargetKind } from '../../src/core/call.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { PolicySettings, RuleSettings } from '../../src/core/settings.ts'
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts'

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
    ...written,
  }
}

export function policy(written: Partial<PolicySettings>): PolicySettings {
  return {
    default: 'deny',
    listing: 'allowed',
    denial: 'http',
    anonymous: [],
    methods: new Map(),
    rules: [],
    ...written,
  }
}

export function compiled(
  written: Partial<PolicySettings>,
  baseline: readonly string[] = [],
  scopesImply: Readonly<Record<string, readonly string[]>> = {},
): CompiledPolicy {
  return compilePolicy({
    policy: policy(written),
    baseline,
    scopesImply: new Map(Object.entries(scopesImply)),
  })
}

export function holder(scopes: Iterable<string>): Principal {
  return {
    issuer: 'https://login.example.com',
    subject: 'alice',
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
): Call {
  return { kind, id: '1', method, targets, taskId: undefined, mayCreateTask: false, args: () => ({}) }
}

const METHOD: Readonly<Record<TargetKind, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  template: 'completion/complete',
}

/** `use('tool', 'x')` is the call that uses it. */
export function use(kind: TargetKind, name: string): Call {
  return callOf(METHOD[kind], [{ kind, name }])
}

export function tool(name: string): Call {
  return use('tool', name)
}
