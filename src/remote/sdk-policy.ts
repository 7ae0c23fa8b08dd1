// AuthSec's policy document → rules about tools, as its SDKs read it, and never looser. What is not understood grants
// nothing: an entry that is neither public nor scoped is left out, and what is left out is denied (C1, C5). Fetches nothing.
import { isScopeToken } from '../core/scopes.ts'
import type { RuleSettings } from '../core/settings.ts'
import { isJsonObject, type Json, type JsonObject } from '../lib/strict-json.ts'

export interface SdkPolicy {
  /** As the document counts it; `?` when it does not. */
  readonly generation: string
  readonly rules: readonly RuleSettings[]
  /** What clients may ask for, as the document says it; none while it is incomplete. */
  readonly scopesSupported: readonly string[]
}

const MAX_TOOLS = 10_000
/** The scopes that one tool may have. */
const MAX_SCOPES = 64
const MAX_SCOPES_SUPPORTED = 1_000

/** Undefined when the document has another form altogether. */
export function readSdkPolicy(document: JsonObject, legacyEmpty: 'deny' | 'public'): SdkPolicy | undefined {
  const { policy_complete: complete, generation: counted } = document
  if (complete !== undefined && complete !== null && typeof complete !== 'boolean') return undefined
  const generation = typeof counted === 'number' || typeof counted === 'string' ? String(counted) : '?'
  if (complete !== true && !isLegacy(document)) return { generation, rules: [], scopesSupported: [] } // C5: an incomplete document denies everything at once
  const entries = entriesOf(document, legacyEmpty)
  if (entries === undefined || entries.length > MAX_TOOLS) return undefined
  const rules = unambiguous(entries).flatMap((entry) => ruleOf(entry, `authsec#${generation}`))
  const { scopes_supported: supported } = document
  return { generation, rules, scopesSupported: scopesIn(supported, MAX_SCOPES_SUPPORTED) }
}

/** The form from before completeness was said: `tools` alone. One that says `false` means it. */
function isLegacy({ policy_complete: complete, state, tool_policy: policy, tools }: JsonObject): boolean {
  const isSilent = complete === undefined && !state && policy === undefined
  return isSilent && isJsonObject(tools) && Object.keys(tools).length > 0
}

interface Entry {
  readonly tool: string
  readonly isPublic: boolean
  readonly scopes: readonly string[]
}

/** Beside `tool_policy`, also an empty one, `tools` says nothing: an empty list there does not mean public (Y60). */
function entriesOf(
  { tool_policy: policy, tools }: JsonObject,
  legacyEmpty: 'deny' | 'public',
): readonly Entry[] | undefined {
  if (policy === undefined) return legacyEntries(tools, legacyEmpty)
  if (policy === null) return [] // how Go writes a list that was never made
  return Array.isArray(policy) ? (policy as readonly Json[]).flatMap(entryOf) : undefined
}

function entryOf(written: Json): Entry | [] {
  if (!isJsonObject(written)) return []
  const { name, is_public: isPublic, required_scopes: scopes } = written
  return typeof name === 'string' ? { tool: name, isPublic: isPublic === true, scopes: scopesIn(scopes) } : []
}

/** `tools: { name: [scope…] }`; only a list that is empty as it stands can be public. */
function legacyEntries(
  tools: Json | undefined,
  legacyEmpty: 'deny' | 'public',
): readonly Entry[] | undefined {
  if (!isJsonObject(tools)) return undefined
  return Object.entries(tools).map(([tool, scopes]) => {
    const isEmpty = Array.isArray(scopes) && scopes.length === 0
    return { tool, isPublic: isEmpty && legacyEmpty === 'public', scopes: scopesIn(scopes) }
  })
}

function scopesIn(value: Json | undefined, most = MAX_SCOPES): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : []
  return list.length > most
    ? []
    : list.filter((scope): scope is string => typeof scope === 'string' && isScopeToken(scope))
}

/** Two entries of one name may contradict each other, so neither counts. */
function unambiguous(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Map<string, number>()
  for (const { tool } of entries) seen.set(tool, (seen.get(tool) ?? 0) + 1)
  return entries.filter(({ tool }) => seen.get(tool) === 1)
}

/** C15: names are exact. One with a `*` would be read as a pattern, so it stands for nothing. */
function ruleOf({ tool, isPublic, scopes }: Entry, name: string): RuleSettings | [] {
  if (tool === '' || tool.includes('*') || (!isPublic && scopes.length === 0)) return []
  return {
    ...{ name, effect: 'allow', mode: 'enforce', requireActive: false, denial: undefined },
    ...{ tools: [tool], prompts: [], resources: [], except: [], who: undefined, when: undefined },
    scopes: isPublic ? undefined : { any: scopes },
  }
}
