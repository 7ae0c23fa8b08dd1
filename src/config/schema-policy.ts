// The shape of `policy`: rules, what they name, which scopes they need. Whether a rule can ever speak, or is shadowed
// by another, is found by the policy part from the parsed rules.
import { z } from 'zod'
import type { ScopeExpression } from '../core/scopes.ts'
import type { Mode, PolicySettings, RuleSettings } from '../core/settings.ts'
import { name, scope } from './scalars.ts'
import { authsec, remoteOf, source } from './schema-remote.ts'
import { approvers, who } from './schema-who.ts'

type Written = string | readonly Written[] | { readonly all: readonly Written[] }

/** A list is met by any one of its members, `{ all: […] }` by each; both nest. */
const member: z.ZodType<Written, Written> = z.lazy(() => z.union([scope, z.array(member).min(1), all]))
const all = z.strictObject({ all: z.array(member).min(1) })

const scopes = z
  .union([z.array(member).min(1), all])
  .transform((written) => toExpression(written))
  .meta({ id: 'scopes' })

function toExpression(written: Written): ScopeExpression {
  if (typeof written === 'string') return written
  if ('all' in written) return { all: written.all.map(toExpression) }
  return { any: written.map(toExpression) }
}

const PATTERN_WORDS = 'expected a name or a pattern with *, in quotes when it looks like a number'
const pattern = z.string(PATTERN_WORDS).regex(/^[^\x00-\x1f\x7f]{1,512}$/, PATTERN_WORDS)

/** The gateway denies such URIs before any rule, so a pattern with one could never match (M52). */
const NEVER_MATCHES = /\\|%(?:00|2[d-f]|3\d|[46][1-9a-f]|[57][0-9a]|5[cf]|7e)|(?:^|\/)\.{1,2}(?:\/|$)/i
const CAPITAL_SCHEME = /^[^A-Z:/?#{]*[A-Z][^:/?#{]*:/
const resource = pattern.refine(
  (text) => !NEVER_MATCHES.test(text) && !CAPITAL_SCHEME.test(text),
  'URIs with dot segments, a backslash, an escape that is not needed or a scheme in capitals are always denied, so this pattern never matches',
)

const METHOD_WORDS = 'expected a JSON-RPC method such as tools/list'
const method = z.string(METHOD_WORDS).regex(/^[\x21-\x7e]{1,128}$/, METHOD_WORDS)

const denial = z.enum(['http', 'in_band'])

export const mode = z.enum(['enforce', 'observe'])

/** Each is held against each other, since one may shadow another. */
const MAX_RULES = 10_000

interface RawApproval {
  readonly prompts?: unknown
  readonly resources?: unknown
  readonly approvers?: unknown
}

/** What a rule with `effect: approve` must have, and what it may not. */
function refuseApproval(raw: RawApproval, refuse: (key: string, message: string) => void): void {
  if (raw.approvers === undefined) refuse('approvers', 'expected who approves, such as { subjects: [ada] }')
  for (const key of ['prompts', 'resources'] as const) {
    if (raw[key] !== undefined)
      refuse(key, 'an approve rule is about tools: a prompt or a resource is read, and changes nothing')
  }
}

const rule = z
  .strictObject({
    name: name.describe('For the audit and for `explain`. Absent: `rules[3]`, by position.').optional(),
    effect: z
      .enum(['allow', 'deny', 'approve'])
      .describe(
        'A deny rule that is true always wins. Then `approve`: the call is allowed once somebody else has approved this very call.',
      )
      .prefault('allow'),
    tools: z.array(pattern).min(1).describe('Tools, by name; `*` stands for anything.').optional(),
    prompts: z.array(pattern).min(1).describe('Prompts, by name; `*` stands for anything.').optional(),
    resources: z
      .array(resource)
      .min(1)
      .describe('Resources, by URI; `*` stops at `/`, `**` does not.')
      .optional(),
    except: z.array(pattern).min(1).describe('Names and URIs that the rule leaves out.').optional(),
    scopes: scopes.describe('Scopes that are needed beside the baseline. Absent: none.').optional(),
    require_active: z
      .boolean()
      .describe('Ask the issuer whether the token is still active before each such call.')
      .prefault(false),
    denial: denial.describe('As on the policy, for this rule.').optional(),
    who: who
      .describe('Whom the rule is about: all keys must fit, one value of each is enough. Absent: everybody.')
      .optional(),
    when: z
      .string()
      .min(1)
      .describe('A condition in CEL over principal, client, call, args, tool, request and now.')
      .optional(),
    mode: mode
      .describe('`observe`, for deny and approve rules: what they would refuse is recorded and not refused.')
      .prefault('enforce'),
    approvers: approvers
      .describe(
        'Who approves, of a rule with `effect: approve`: people by the keys of `who`, or whoever holds one of the tokens. Never the caller, nor the owner of its client.',
      )
      .optional(),
  })
  .superRefine((raw, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (!raw.tools && !raw.prompts && !raw.resources) {
      context.addIssue({
        code: 'custom',
        message: 'a rule must name something: add tools, prompts or resources ("*" stands for all)',
      })
    }
    if (raw.effect === 'allow' && raw.mode === 'observe')
      refuse(
        'mode',
        'only deny and approve rules can be observed; put `mode: observe` on the policy, or remove it',
      )
    if (raw.effect === 'deny' && raw.scopes) refuse('scopes', 'a deny rule has no scopes; remove them')
    if (raw.effect === 'deny' && raw.require_active)
      refuse('require_active', 'a deny rule has no require_active; remove it')
    if (raw.effect === 'approve') refuseApproval(raw, refuse)
    else if (raw.approvers)
      refuse('approvers', 'only a rule with `effect: approve` has approvers; remove them')
  })
  .transform((raw): Omit<RuleSettings, 'name'> & { readonly name: string | undefined } => ({
    name: raw.name,
    effect: raw.effect,
    tools: raw.tools ?? [],
    prompts: raw.prompts ?? [],
    resources: raw.resources ?? [],
    except: raw.except ?? [],
    scopes: raw.scopes,
    requireActive: raw.require_active,
    denial: raw.denial,
    who: raw.who,
    when: raw.when,
    mode: raw.mode,
    ...(raw.approvers ? { approvers: raw.approvers } : {}),
  }))

export const policy = z
  .strictObject({
    source,
    authsec: authsec.describe('For the sources of that name.').optional(),
    default: z
      .enum(['deny', 'allow'])
      .describe('What happens to calls that no rule speaks of. With `allow` the baseline is enough.')
      .prefault('deny'),
    listing: z
      .enum(['allowed', 'requestable', 'all'])
      .describe(
        'What lists show: `allowed` for this caller, `requestable` also what more scopes would unlock, `all` everything.',
      )
      .prefault('allowed'),
    denial: denial
      .describe('How a denial is told: by HTTP 403, or inside a JSON-RPC answer with status 200.')
      .prefault('http'),
    challenge: denial
      .describe(
        'How a caller of a tool is told to sign in or to ask for more scopes: HTTP 401 and 403, or inside a tool result with status 200, which ChatGPT reads and other clients do not.',
      )
      .prefault('http'),
    anonymous: z.array(method).describe('Methods that are open without a token.').prefault([]),
    methods: z
      .record(method, scopes)
      .describe('JSON-RPC methods beyond the known ones, with the scopes that each needs.')
      .prefault({}),
    rules: z
      .array(rule)
      .max(MAX_RULES)
      .describe('Who may use what. A call that no rule allows is denied.')
      .prefault([]),
    mode: mode
      .describe(
        '`observe`: refusals by rules and scopes are recorded and not made. Absent: as `mode` of the file.',
      )
      .optional(),
  })
  .superRefine((raw, context) => {
    if ((raw.source === 'local') === (raw.authsec === undefined)) return
    const [key, message] = raw.authsec
      ? ['authsec', 'nothing uses this block: add source: authsec, or remove it']
      : ['source', `${raw.source} needs an authsec block`]
    context.addIssue({ code: 'custom', path: [key], message })
  })
  .transform((raw): Omit<PolicySettings, 'mode'> & { readonly mode: Mode | undefined } => ({
    default: raw.default,
    listing: raw.listing,
    denial: raw.denial,
    challenge: raw.challenge,
    anonymous: raw.anonymous,
    methods: new Map(Object.entries(raw.methods)),
    rules: raw.rules.map((parsed, index) => ({ ...parsed, name: parsed.name ?? `rules[${index}]` })),
    mode: raw.mode,
    ...remoteOf(raw.source, raw.authsec),
  }))
