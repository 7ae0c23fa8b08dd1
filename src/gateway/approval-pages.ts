// Approvals on the administration port: what waits, and the decision. Who asks and with which right is admin.ts's to find
// out; whether this operator may decide on this call is the desk's. Parameters are shown to whoever may decide, and nobody else.
import type { Approval, Verdict } from '../approvals/approval.ts'
import type { Decided } from '../approvals/approvals.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { readJsonObject } from '../lib/strict-json.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import { OBJECTIONS, type Objection, operatorDecider } from './approval-terms.ts'

const PATH = '/approvals'
const MAX_DECISION_BYTES = 4 * 1024

export function approvalPages(desk: ApprovalDesk): readonly AdminPage[] {
  return [
    { method: 'GET', path: PATH, right: 'view', answer: (context) => list(desk, context) },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      right: 'approve',
      answer: (context, visit) => show(desk, context, visit),
    },
    {
      method: 'POST',
      path: `${PATH}/:id`,
      right: 'approve',
      answer: (context, visit) => decide(desk, context, visit),
    },
  ]
}

async function list(desk: ApprovalDesk, context: AdminContext): Promise<Response> {
  const all = await desk.list()
  if (all === UNAVAILABLE) return context.json({ error: 'state_unavailable' }, 503)
  return context.json({ approvals: all.map(described) })
}

async function show(desk: ApprovalDesk, context: AdminContext, { operator }: AdminVisit): Promise<Response> {
  const approval = await desk.find(context.req.param('id') ?? '')
  if (approval === UNAVAILABLE) return context.json({ error: 'state_unavailable' }, 503)
  if (approval === undefined) return context.json({ error: 'not_found' }, 404)
  const objection = desk.objection(approval, operatorDecider(operator))
  if (objection !== undefined)
    return context.json({ ...described(approval), objection, words: OBJECTIONS[objection] })
  return context.json({ ...described(approval), digest: approval.digest, params: approval.call.params })
}

async function decide(desk: ApprovalDesk, context: AdminContext, visit: AdminVisit): Promise<Response> {
  const decision = await readDecision(context)
  if (decision === undefined)
    return context.json(
      { error: 'invalid_request', expected: 'JSON: decision (approve or deny), digest' },
      400,
    )
  const { operator, address } = visit
  const decider = operatorDecider(operator)
  return answerDecision(
    context,
    await desk.decide(context.req.param('id') ?? '', { ...decision, decider, address }),
  )
}

export function answerDecision(context: AdminContext, decided: Decided): Response {
  switch (decided.outcome) {
    case 'decided':
      return context.json(described(decided.approval))
    case 'already':
      return context.json({ error: 'already_decided', ...described(decided.approval) }, 409)
    case 'changed':
      return context.json({ error: 'changed', words: 'this is not what was shown; look at it again' }, 409)
    case 'gone':
      return context.json({ error: 'not_found' }, 404)
    case 'refused':
      return context.json(
        { error: 'forbidden', why: decided.why, words: OBJECTIONS[decided.why as Objection] },
        403,
      )
    case UNAVAILABLE:
      return context.json({ error: 'state_unavailable' }, 503)
  }
}

interface ReadDecision {
  readonly verdict: Verdict
  readonly digest: string
}

/** A form of another site cannot send this media type without being asked first. */
async function readDecision({ req }: AdminContext): Promise<ReadDecision | undefined> {
  if (req.header('content-type') !== 'application/json') return undefined
  if (!(Number(req.header('content-length')) <= MAX_DECISION_BYTES)) return undefined
  const read = readJsonObject(new Uint8Array(await req.arrayBuffer()))
  const { decision: verdict, digest } = read ?? {}
  const isVerdict = verdict === 'approve' || verdict === 'deny'
  return isVerdict && typeof digest === 'string' ? { verdict, digest } : undefined
}

/** Without what was sent. */
function described({ id, state, call, askedAt, until, decidedBy, decidedAt }: Approval): object {
  const { route, issuer, subject, client, tool, rules } = call
  return {
    ...{ id, state, route, tool, issuer, subject, client, rules },
    ...{ asked_at: timeOf(askedAt), until: timeOf(until) },
    ...(decidedBy === undefined ? {} : { decided_by: decidedBy.name, decided_at: timeOf(decidedAt ?? 0) }),
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
