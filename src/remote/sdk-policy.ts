// AuthSec's policy document → rules about tools. What is not understood grants nothing: an entry that is neither public
// nor scoped is left out, and what is left out is denied (C1, C5). Fetches nothing.
import { isScopeToken } from '../core/scopes.ts'
import type { RuleSettings } from '../core/settings.ts'
import { isJsonObject, type Json, type JsonObject } from '../token/json.ts'

export interface SdkPolicy {
  /** As the document counts it; `?` when it does not. */
  readonly generation: string
  readonly rules: readonly RuleSettings[]
}

const MAX_TOOLS = 10_000
/** Of one tool. */
const MAX_SCOPES = 64

/** Undefined when the document has another form altogether. */
export function readSdkPolicy(document: JsonObject, legacyEmpty: 'deny' | 'public'): SdkPolicy | undefined {
  const { policy_complete: complete, generation: counted, mappings, tools } = document
  const generation = typeof counted === 'number' || typeof counted === 'string' ? String(counted) : '?'
  if (complete === false) return { generation, rules: [] } // C5: everything is denied at once
  if (complete !== true && complete !== undefined) return undefined
  const entries = mappings === undefined ? legacyEntries(tools, legacyEmpty) : mappedEntries(mappings)
  if (entries === undefined || entries.length > MAX_TOOLS) return undefined
  return { generation, rules: entries.flatMap((entry) => ruleOf(entry, `authsec#${generation}`)) }
}

interface Entry {
  readonly tool: string
  readonly isPublic: boolean
  readonly scopes: readonly string[]
}

function mappedEntries(mappings: Json): readonly Entry[] | undefined {
  if (!Array.isArray(mappings)) return undefined
  return (mappings as readonly Json[]).flatMap((mapping) => {
    if (!isJsonObject(mapping)) return []
    const { tool, public: open, required_scopes: scopes } = mapping
    return typeof tool === 'string' ? { tool, isPublic: open === true, scopes: scopesIn(scopes) } : []
  })
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

function scopesIn(value: Json | undefined): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : []
  return list.length > MAX_SCOPES
    ? []
    : list.filter((scope): scope is string => typeof scope === 'string' && isScopeToken(scope))
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
