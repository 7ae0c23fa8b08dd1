// What approvals are bound to beside the call, and who may decide on one, by the settings that serve now.
import type { Approval, BoundCall, Decider } from '../approvals/approval.ts'
import { principalKey } from '../core/caller.ts'
import type { Operator } from '../core/operator.ts'
import type { Principal } from '../core/principal.ts'
import type { RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import type { OwnerSettings } from '../core/settings-approvals.ts'
import { digestOfParts } from '../lib/digest-of-parts.ts'
import { digestOfManifest } from '../manifest/file.ts'
import { policyOptions } from '../policy/compile.ts'
import { compileWho } from '../policy/who.ts'

export type BoundTerms = Pick<BoundCall, 'policy' | 'manifest'>

/** Those of a route as it was loaded; undefined where none of that name asks for approval. */
export type TermsOf = (route: string) => BoundTerms | undefined

/** `token`: the name of the token of the administration port, where no person decides. */
export interface AdmittedDecider extends Decider {
  readonly token?: string | undefined
}

/** Everything that the route is decided by, and where its calls go. */
export function boundTerms(settings: TermSettings, route: RouteSettings): BoundTerms {
  const { name, path, audience, upstream, manifest } = route
  const policy = digestOfParts({ ...policyOptions(settings, route), name, path, audience, upstream })
  return { policy, manifest: manifest === undefined ? '' : digestOfManifest(manifest.file) }
}

type TermSettings = Pick<Settings, 'issuers' | 'scopesImply'>

/** Whether the call could still be made: nothing that it was bound to has changed. `terms`: those of its route now. */
export function isCurrent(terms: BoundTerms | undefined, { policy, manifest }: BoundCall): boolean {
  return terms !== undefined && terms.policy === policy && terms.manifest === manifest
}

export type Objection = 'own_call' | 'own_client' | 'owner_unknown' | 'no_approver'

export const OBJECTIONS: Readonly<Record<Objection, string>> = {
  own_call: 'whoever makes a call does not approve it',
  own_client: 'the owner of a client does not approve its calls',
  owner_unknown: 'nobody knows who owns this client; name them under approvals.client_owners',
  no_approver: 'the rule names other approvers',
}

/** An operator without a subject holds a token, and is no person. */
export function operatorDecider({ name, issuer, subject }: Operator): AdmittedDecider {
  return subject === undefined
    ? { name: `operator ${name}`, token: name }
    : { name: `operator ${name}`, issuer, subject }
}

/** Why they may not decide on it; undefined when they may. */
export function objectionTo(
  settings: Settings,
  { call }: Approval,
  decider: AdmittedDecider,
): Objection | undefined {
  const { issuer, subject, client } = call
  if (isPerson(decider, issuer, subject)) return 'own_call'
  if (client !== undefined) {
    const owner = settings.approvals?.clientOwners.get(client)
    if (owner === undefined && subject === client) return 'owner_unknown'
    if (owner !== undefined && owns(settings, owner, decider)) return 'own_client'
  }
  const route = settings.routes.find(({ name }) => name === call.route)
  const rules = route?.policy.rules.filter(({ name }) => call.rules.includes(name)) ?? []
  const isMeant =
    rules.length === call.rules.length && rules.every((rule) => approves(settings, rule, decider))
  return isMeant ? undefined : 'no_approver'
}

function isPerson(decider: Decider, issuer: string, subject: string): boolean {
  return decider.issuer === issuer && decider.subject === subject
}

function owns({ issuers }: Settings, owner: OwnerSettings, { issuer, subject }: Decider): boolean {
  if (subject === undefined || !owner.subjects.includes(subject)) return false
  return owner.issuers === undefined || owner.issuers.some((name) => issuers.get(name)?.issuer === issuer)
}

function approves({ issuers }: Settings, { approvers }: RuleSettings, decider: AdmittedDecider): boolean {
  if (approvers === undefined) return false
  const { tokens, ...people } = approvers
  if (decider.token !== undefined) return tokens?.includes(decider.token) === true
  if (decider.issuer === undefined || decider.subject === undefined) return false
  if (Object.values(people).every((values) => values === undefined)) return false
  const names = new Map([...issuers].map(([name, issuer]) => [name, issuer.issuer]))
  if (![...names.values()].includes(decider.issuer)) return false // somebody else of that name
  return compileWho(people, names)(personOf(decider.issuer, decider.subject)) === true
}

/** A person as rules see a caller; nothing is known of them but who they are. */
function personOf(issuer: string, subject: string): Principal {
  return {
    ...{ issuer, subject, key: principalKey(issuer, subject), clientId: undefined, scopes: new Set() },
    ...{ roles: undefined, expiresAt: 0, boundKey: undefined, claims: {} },
  }
}
