// Collects what to ask two versions of a policy: names for every pattern, callers for every `who`, scope sets for every
// rule. Both versions are asked about everything that either mentions.

import type { Target } from '../core/call.ts'
import { principalKey } from '../core/caller.ts'
import type { Principal } from '../core/principal.ts'
import type { RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import type { WhoSettings } from '../core/settings-who.ts'
import { ANYTHING_ELSE, targetsOf } from './matrix.ts'
import { alternativesOf } from './scope-sets.ts'
import { createRuleIndex, SELECTOR_KINDS } from './selectors.ts'

export interface ProbeCaller {
  readonly words: string
  readonly principal: Principal
}

/** Stands in place of a `*` in a pattern, and for names that no rule mentions. */
const ANY = 'anything'

/** A name to ask about, with the name or pattern that it represents. */
export interface ProbeTarget extends Target {
  readonly written: string
}

export function targetsFor(routes: readonly RouteSettings[]): readonly ProbeTarget[] {
  return SELECTOR_KINDS.flatMap((kind) => {
    const texts = routes.flatMap(({ policy }) => targetsOf(policy.rules, kind))
    const stranger = { kind, name: kind === 'resource' ? `${ANY}://${ANY}` : ANY, written: ANYTHING_ELSE }
    const probes = [...new Set(texts)].flatMap((written) => [
      { kind, name: written.replace(/\*+/g, ANY), written },
      { kind, name: written.replace(/\*+/g, ''), written },
    ])
    return [...probes.filter(({ name }) => name !== ''), stranger]
  })
}

/**
 * Returns the scope sets to ask about: each baseline alone and with each set that a rule on the target asks for, the
 * empty set, and all scopes together.
 */
export function scopeSetsOf(
  routes: readonly RouteSettings[],
  target: Target,
): readonly (readonly string[])[] {
  const sets = routes.flatMap(({ scopes: baseline, policy }) => {
    const speaking = createRuleIndex(policy.rules)(target)
    const wanted = speaking.flatMap(({ scopes }) =>
      scopes === undefined ? [] : (alternativesOf(scopes) ?? []),
    )
    return [baseline, ...wanted.map((set) => [...baseline, ...set])]
  })
  const unique = new Map(
    [[], ...sets, sets.flat()].map((set) => {
      const sorted = [...new Set(set)].sort()
      return [sorted.join(' '), sorted] as const
    }),
  )
  return [...unique.values()].sort((a, b) => a.length - b.length)
}

/**
 * Returns the callers to ask about: one whom no rule mentions, and for each `who` one who fits it and one for each of
 * its traits alone.
 */
export function callersOf(routes: readonly RouteSettings[], settings: Settings): readonly ProbeCaller[] {
  const whos = routes.flatMap(({ policy }) => policy.rules.flatMap(({ who }: RuleSettings) => who ?? []))
  const home = settings.issuers.get(routes.at(-1)?.issuers[0] ?? '')?.issuer ?? ''
  const issuerOf = (name: string) => settings.issuers.get(name)?.issuer ?? home
  const asked = whos.flatMap(({ groups }) => groups?.claim ?? [])
  const callers = [NOBODY_MEANT, ...whos.flatMap(traitsOf)].map((traits) => ({
    words: wordsOf(traits),
    principal: principalOf(traits, asked, home, issuerOf),
  }))
  return [...new Map(callers.map((caller) => [caller.words, caller])).values()]
}

interface Traits {
  readonly subject?: string
  readonly client?: string
  readonly role?: string
  readonly issuer?: string
  readonly group?: { readonly claim: string; readonly value: string }
}

const NOBODY_MEANT: Traits = {}

function traitsOf({ subjects, clients, roles, issuers, groups }: WhoSettings): readonly Traits[] {
  const singles: readonly Traits[] = [
    ...(subjects ?? []).map((subject) => ({ subject })),
    ...(clients ?? []).map((client) => ({ client })),
    ...(roles ?? []).map((role) => ({ role })),
    ...(issuers ?? []).map((issuer) => ({ issuer })),
    ...(groups?.any ?? []).map((value) => ({ group: { claim: groups?.claim ?? '', value } })),
  ]
  return [...singles, Object.assign({}, ...singles.toReversed()) as Traits]
}

function wordsOf({ subject, client, role, issuer, group }: Traits): string {
  const words = [
    subject && `subject ${subject}`,
    client && `client ${client}`,
    role && `role ${role}`,
    issuer && `issuer ${issuer}`,
    group && `${group.claim} ${group.value}`,
  ].filter((part) => part !== undefined)
  return words.join(', ')
}

/** The caller's token has every claim that a `who` asks for, so that no probe ends in a fault. */
function principalOf(
  { subject, client, role, issuer, group }: Traits,
  asked: readonly string[],
  home: string,
  issuerOf: (name: string) => string,
): Principal {
  const from = issuer === undefined ? home : issuerOf(issuer)
  const who = subject ?? ANY
  const others = asked.filter((claim) => claim !== group?.claim).map((claim) => [claim, []] as const)
  return {
    issuer: from,
    subject: who,
    key: principalKey(from, who),
    clientId: client ?? ANY,
    scopes: new Set(),
    roles: role === undefined ? [] : [role],
    expiresAt: Number.MAX_SAFE_INTEGER,
    boundKey: undefined,
    claims: {
      ...Object.fromEntries(others),
      ...(group ? claimAlong(group.claim.split('.'), group.value) : {}),
    },
  }
}

function claimAlong(path: readonly string[], value: string): Record<string, unknown> {
  const [name = '', ...rest] = path
  return { [name]: rest.length === 0 ? [value] : claimAlong(rest, value) }
}
