// The approvals of the console: those of the desk, with an operator for its decider, and words for its objections.
import type { ConsoleApprovals } from '../console/source.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import { OBJECTIONS, type Objection, operatorDecider } from './approval-terms.ts'

export function consoleApprovals(desk: ApprovalDesk): ConsoleApprovals {
  return {
    list: () => desk.list(),
    find: (id) => desk.find(id),
    objection(approval, operator) {
      const objection = desk.objection(approval, operatorDecider(operator))
      return objection && OBJECTIONS[objection]
    },
    async decide(id, { operator, ...decision }) {
      const decided = await desk.decide(id, { ...decision, decider: operatorDecider(operator) })
      return decided.outcome === 'refused'
        ? { ...decided, why: OBJECTIONS[decided.why as Objection] }
        : decided
    },
  }
}
