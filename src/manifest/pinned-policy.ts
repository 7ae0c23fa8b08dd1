// A policy that also asks the manifest. An item that is not approved is refused like one that no rule names, whatever
// the policy says, so that a withheld tool looks like one that does not exist (L16). A caller who has to sign in hears
// that first.

import type { Denial, Reason, Refusal } from '../core/refusal.ts'
import type { Policy } from '../core/route.ts'
import type { Pin } from './pin.ts'

export const MANIFEST_RULE = 'manifest'

/** What a caller may still come past, which would tell them that the item is there. */
const CURABLE: ReadonlySet<Reason> = new Set(['scope_missing', 'approval_required'])

export function pinPolicy(policy: Policy, pin: Pin, denial: Denial): Policy {
  const withheld: Refusal = { reason: 'call_forbidden', rule: MANIFEST_RULE, denial }
  return {
    decide(principal, message, circumstances) {
      const decision = policy.decide(principal, message, circumstances)
      const { refusal } = decision
      const isOpen = refusal === undefined || CURABLE.has(refusal.reason)
      if (!isOpen || message.calls.every(({ targets }) => targets.every((target) => pin.allows(target)))) {
        return decision
      }
      return { ...decision, rule: MANIFEST_RULE, refusal: withheld, requireActive: false }
    },
    shows: (principal, kind, name, circumstances) => policy.shows(principal, kind, name, circumstances),
    // Lists have to be looked at even where nothing is filtered by policy.
    showsAll: false,
    get anonymous() {
      return policy.anonymous
    },
    inForce: () => policy.inForce(),
  }
}
