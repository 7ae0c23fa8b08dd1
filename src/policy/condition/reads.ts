// What a condition looks at: whether an audit line has all of it, so that the condition can be asked again later, or not:
// arguments and claims are kept nowhere. It reads the text only, and evaluates nothing.
import type { ASTNode } from '@marcbachmann/cel-js'
import { literalTextOf, partsOf } from './nodes.ts'

export interface ConditionReads {
  /** Whether it looks at something that no audit line has. */
  readonly unrecorded: boolean
  /** The roles that it asks for by name. */
  readonly roles: readonly string[]
}

const NOTHING: ConditionReads = { unrecorded: false, roles: [] }
const UNRECORDED: ConditionReads = { unrecorded: true, roles: [] }

export function readsOf(node: ASTNode): ConditionReads {
  if (node.op === 'id') return node.args === 'args' || node.args === 'principal' ? UNRECORDED : NOTHING
  const field = fieldOfPrincipal(node)
  if (field !== undefined) return field === 'subject' || field === 'issuer' ? NOTHING : UNRECORDED
  if (node.op === 'call' && node.args[0] === 'has' && asksForRoles(node.args[1][0])) return NOTHING
  if (node.op === 'in' && asksForRoles(node.args[1])) {
    const role = literalTextOf(node.args[0])
    return role === undefined ? UNRECORDED : { unrecorded: false, roles: [role] }
  }
  const parts = partsOf(node).map(readsOf)
  return {
    unrecorded: parts.some(({ unrecorded }) => unrecorded),
    roles: parts.flatMap(({ roles }) => roles),
  }
}

function asksForRoles(node: ASTNode | undefined): boolean {
  return node !== undefined && fieldOfPrincipal(node) === 'roles'
}

/** The field in `principal.field` and `principal["field"]`; undefined for anything else. */
function fieldOfPrincipal(node: ASTNode): string | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [holder, field] = node.args
  if (holder.op !== 'id' || holder.args !== 'principal') return undefined
  return typeof field === 'string' ? field : literalTextOf(field)
}
