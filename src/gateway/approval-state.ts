// What the public port says to whoever has the address of a call that waits: whether it was decided. It neither shows the
// call nor decides. Each look is counted for its network before anything is looked up.
import type { Approvals } from '../approvals/approvals.ts'
import { approvalInPath } from '../core/approval-page.ts'
import { networkOf } from '../core/network.ts'
import type { Settings } from '../core/settings.ts'
import { type RateLimit, UNAVAILABLE } from '../core/shared-state.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import type { Inbound } from '../http/inbound.ts'
import { isCurrent, type TermsOf } from './approval-terms.ts'
import { brandingOf } from './branding.ts'

/** Of one network, at calls that wait or at nothing. */
const MAX_LOOKS = 120
const LOOKS_SECONDS = 60
export const LOOKS = { count: MAX_LOOKS, seconds: LOOKS_SECONDS }

export interface ApprovalState {
  answers(path: string): boolean
  answer(inbound: Inbound): Promise<Answer>
}

export interface ApprovalStateParts {
  readonly settings: Settings
  readonly termsOf: TermsOf
  readonly approvals: Pick<Approvals, 'find'>
  /** Of LOOKS, by network; it outlives a reload. */
  readonly approvalLooks: RateLimit
}

/** Undefined where no rule asks for approval. */
export function createApprovalState({
  settings,
  termsOf,
  approvals,
  approvalLooks: looks,
}: ApprovalStateParts): ApprovalState | undefined {
  if (!settings.routes.some(({ policy }) => policy.rules.some(({ effect }) => effect === 'approve')))
    return undefined
  const branding = brandingOf(settings)
  const load = () =>
    Promise.all([
      import('../as/pages/approval-state.ts'),
      import('../as/pages/notices.ts'),
      import('../as/pages/write.ts'),
    ])
  return {
    answers: (path) => approvalInPath(path) !== undefined,
    async answer({ method, path, address, response }) {
      if (method !== 'GET' && method !== 'HEAD')
        return jsonAnswer(405, { error: 'method_not_allowed' }, { allow: 'GET, HEAD' })
      const [{ approvalStatePage, approvalOverPage }, { errorPage, waitPage }, { viewOf }] = await load()
      const view = viewOf(response, branding)
      const wait = await looks.take(networkOf(address))
      if (wait !== undefined) return waitPage(wait)(view)
      const found = await approvals.find(approvalInPath(path) ?? '')
      if (found === UNAVAILABLE) return errorPage(503, 'notNow')(view)
      const isOver = found === undefined || !isCurrent(termsOf(found.call.route), found.call)
      return (isOver ? approvalOverPage : approvalStatePage(found))(view)
    },
  }
}
