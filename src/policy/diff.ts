// Finds what one version of a file allows and another does not. Both policies are asked about every name and pattern
// that either mentions, for the callers and scope sets that either distinguishes. It finds what rules say, not
// everything that might happen.
import type { Target } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import { type CompiledPolicy, compilePolicy, policyOptions } from './compile.ts'
import { callersOf, type ProbeCaller, type ProbeTarget, scopeSetsOf, targetsFor } from './probes.ts'

export interface PolicyChange {
  readonly direction: 'widens' | 'narrows'
  readonly route: string
  /** `tool purge_note`, or a key of the route such as `issuers`. */
  readonly about: string
  /** The callers in words; empty where it concerns everybody. */
  readonly who: string
  /** The smallest set that shows the change; undefined where scopes do not matter. */
  readonly scopes: readonly string[] | undefined
  readonly before: string
  readonly after: string
}

/** @param isAsked says which names are asked about; by default all */
export function diffSettings(
  before: Settings,
  after: Settings,
  isAsked: (target: ProbeTarget) => boolean = () => true,
): readonly PolicyChange[] {
  const [was, is] = [before, after].map(({ routes }) => new Map(routes.map((route) => [route.name, route])))
  const names = new Set([...before.routes, ...after.routes].map(({ name }) => name))
  return [...names].flatMap((name) => {
    const [old, fresh] = [was?.get(name), is?.get(name)]
    if (old === undefined || fresh === undefined) return [wholeRoute(name, fresh !== undefined)]
    return [
      ...switches(old, fresh),
      ...decisions({ settings: before, route: old }, { settings: after, route: fresh }, isAsked),
    ]
  })
}

function wholeRoute(route: string, added: boolean): PolicyChange {
  const [before, after] = added ? ['absent', 'present'] : ['present', 'absent']
  return {
    direction: added ? 'widens' : 'narrows',
    route,
    about: 'route',
    who: '',
    scopes: undefined,
    before,
    after,
  }
}

/** Compares the keys that open or close a route beside its rules. */
function switches(old: RouteSettings, fresh: RouteSettings): PolicyChange[] {
  const lists = (route: RouteSettings): readonly (readonly [string, readonly string[]])[] => [
    ['issuers', route.issuers],
    ['policy.anonymous', route.policy.anonymous],
    ['policy.methods', [...route.policy.methods.keys()]],
    ['policy.mode', route.policy.mode === 'observe' ? ['observe'] : []],
    ['policy.listing', SHOWN[route.policy.listing]],
  ]
  const later = new Map(lists(fresh))
  return lists(old).flatMap(([about, before]) => {
    const after = later.get(about) ?? []
    const change = (values: readonly string[], widens: boolean): PolicyChange[] =>
      values.map((value) => ({
        ...{ direction: widens ? 'widens' : 'narrows', route: old.name, about, who: '', scopes: undefined },
        ...(widens ? { before: 'absent', after: value } : { before: value, after: 'absent' }),
      }))
    return [
      ...change(
        after.filter((value) => !before.includes(value)),
        true,
      ),
      ...change(
        before.filter((value) => !after.includes(value)),
        false,
      ),
    ]
  })
}

const SHOWN = { allowed: [], requestable: ['requestable'], all: ['requestable', 'all'] } as const

interface Version {
  readonly settings: Settings
  readonly route: RouteSettings
}

function decisions(
  old: Version,
  fresh: Version,
  isAsked: (target: ProbeTarget) => boolean,
): readonly PolicyChange[] {
  const policies = [old, fresh].map(({ settings, route }) => compilePolicy(policyOptions(settings, route)))
  const [before, after] = policies as [CompiledPolicy, CompiledPolicy]
  const routes = [old.route, fresh.route]
  const callers = callersOf(routes, fresh.settings)
  const changes = targetsFor(routes)
    .filter(isAsked)
    .flatMap((target) => {
      const sets = scopeSetsOf(routes, target)
      const found = callers.flatMap((caller) => {
        return sets.flatMap((scopes): PolicyChange[] => {
          const [was, is] = [before, after].map((policy) => standing(policy, caller, scopes, target))
          if (was === undefined || is === undefined || was.words === is.words) return []
          const direction = isWider(is, was) ? 'widens' : 'narrows'
          const about = `${target.kind} ${target.written}`
          const words = { before: was.words, after: is.words }
          return [{ direction, route: old.route.name, about, who: caller.words, scopes, ...words }]
        })
      })
      return found.filter((change) => change.who === '' || !found.some((other) => saysForAll(other, change)))
    })
  return smallest(changes)
}

/** A change for everybody makes separate lines for single callers needless. */
function saysForAll(other: PolicyChange, { before, after }: PolicyChange): boolean {
  return other.who === '' && other.before === before && other.after === after
}

/** Keeps one of each group of equal changes: the one with the fewest scopes. */
function smallest(changes: readonly PolicyChange[]): readonly PolicyChange[] {
  const smallestByChange = new Map<string, PolicyChange>()
  for (const change of changes) {
    const key = [change.about, change.who, change.before, change.after].join('\n')
    const known = smallestByChange.get(key)
    if (known === undefined || (change.scopes?.length ?? 0) < (known.scopes?.length ?? 0))
      smallestByChange.set(key, change)
  }
  return [...smallestByChange.values()]
}

interface Standing {
  readonly open: 'never' | 'approved' | 'sometimes' | 'always'
  /** The conditions and the approvers that the decision depends on. */
  readonly when: string
  readonly active: boolean
  readonly words: string
}

const OPENNESS: Readonly<Record<Standing['open'], number>> = {
  never: 0,
  approved: 1,
  sometimes: 2,
  always: 3,
}

/** A decision with another condition counts as wider, to be safe. */
function isWider(is: Standing, was: Standing): boolean {
  if (is.open !== was.open) return OPENNESS[is.open] > OPENNESS[was.open]
  return is.when !== was.when || was.active
}

function standing(
  policy: CompiledPolicy,
  caller: ProbeCaller,
  scopes: readonly string[],
  target: Target,
): Standing {
  const principal: Principal = { ...caller.principal, scopes: new Set(scopes) }
  const circumstances = { now: 0, address: '127.0.0.1', route: '' }
  const { verdict, conditions, approvers } = policy.outlook(principal, target, circumstances)
  if (verdict.kind !== 'allowed' && verdict.kind !== 'approval')
    return { open: 'never', when: '', active: false, words: 'refused' }
  const approved = verdict.kind === 'approval' ? `, once approved by ${approvers.join(' and by ')}` : ''
  const when = approved + (conditions.length === 0 ? '' : `, depending on ${conditions.join(' and ')}`)
  const active = verdict.requireActive
  const words = `allowed${active ? ', with a live check' : ''}${when}`
  if (verdict.kind === 'approval') return { open: 'approved', when, active, words }
  return { open: conditions.length === 0 ? 'always' : 'sometimes', when, active, words }
}
