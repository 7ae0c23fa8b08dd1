// Decisions that a service of yours sends: a webhook that it signed, with the person who decided, who has to be an approver like
// any other. It comes to the administration port, and needs no token there. One that comes again finds its approval decided.
import type { Verdict } from '../approvals/approval.ts'
import { isWebhookFrom, type SignedHeaders } from '../approvals/webhook-signature.ts'
import type { AdminContext, SignedPage } from '../http/admin-page.ts'
import { isJsonObject, readJsonObject } from '../lib/strict-json.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import { answerDecision } from './approval-pages.ts'
import type { AdmittedDecider } from './approval-terms.ts'

const MAX_MESSAGE_BYTES = 16 * 1024

export function approvalWebhook(desk: ApprovalDesk): SignedPage {
  return {
    path: '/approvals/decisions',
    async answer(context, address) {
      const secret = desk.webhook()?.secret.reveal()
      if (secret === undefined) return context.json({ error: 'not_found' }, 404)
      const { req } = context
      if (!(Number(req.header('content-length')) <= MAX_MESSAGE_BYTES)) return context.json(INVALID, 400)
      const body = new Uint8Array(await req.arrayBuffer())
      if (!isWebhookFrom(secret, signatureIn(context), body, Date.now()))
        return context.json({ error: 'unauthorized' }, 401)
      const decision = readDecided(body)
      if (decision === undefined) return context.json(INVALID, 400)
      const { approval, ...rest } = decision
      return answerDecision(context, await desk.decide(approval, { ...rest, address }))
    },
  }
}

function signatureIn({ req }: AdminContext): SignedHeaders {
  return {
    id: req.header('webhook-id') ?? '',
    timestamp: req.header('webhook-timestamp') ?? '',
    signature: req.header('webhook-signature') ?? '',
  }
}

const INVALID = {
  error: 'invalid_request',
  expected: 'approval.decided with id, digest, decision and approver',
}

interface SentDecision {
  readonly approval: string
  readonly verdict: Verdict
  readonly digest: string
  readonly decider: AdmittedDecider
}

function readDecided(body: Uint8Array): SentDecision | undefined {
  const message = readJsonObject(body)
  const data = message?.['type'] === 'approval.decided' ? message['data'] : undefined
  if (!isJsonObject(data)) return undefined
  const { id: approval, digest, decision: verdict, approver } = data
  if (typeof approval !== 'string' || typeof digest !== 'string') return undefined
  if (verdict !== 'approve' && verdict !== 'deny') return undefined
  const decider = isJsonObject(approver) ? personIn(approver) : undefined
  return decider && { approval, digest, verdict, decider }
}

/** A decision without a person is nobody's. */
function personIn({ issuer, subject }: { readonly [name: string]: unknown }): AdmittedDecider | undefined {
  if (typeof issuer !== 'string' || typeof subject !== 'string' || subject === '') return undefined
  return { name: `webhook ${subject}`, issuer, subject }
}
