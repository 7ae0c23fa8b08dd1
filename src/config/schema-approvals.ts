// The shape of `approvals`: how long calls wait for somebody to approve them, how many, and who owns which client.
import { z } from 'zod'
import type { ApprovalSettings, ApprovalWebhookSettings } from '../core/settings-approvals.ts'
import { receiverUrl } from './addresses.ts'
import { count, milliseconds, name, secret, text } from './scalars.ts'
import { authorities } from './schema-reach.ts'

const owner = z
  .strictObject({
    subjects: z.array(text).min(1).describe('Subjects, exactly.'),
    issuers: z.array(name).min(1).describe('Names from `issuers`. Absent: at any.').optional(),
  })
  .transform((raw) => ({ subjects: raw.subjects, issuers: raw.issuers }))

const SECRET_WORDS =
  'expected whsec_ and at least 24 random bytes in base64 (Standard Webhooks); make one with: echo whsec_$(openssl rand -base64 32)'
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/

const webhook = z
  .strictObject({
    url: receiverUrl.describe('Where each approval that is asked for is told, with all that was sent.'),
    secret: secret
      .refine((value) => WEBHOOK_SECRET.test(value.reveal()), SECRET_WORDS)
      .describe(
        'Signs both ways: `whsec_` and base64. Whoever has it decides in the name of any approver, through the administration port.',
      ),
    ca: authorities,
  })
  .transform((raw): ApprovalWebhookSettings => ({ url: raw.url, secret: raw.secret, ca: raw.ca }))

export const approvals = z
  .strictObject({
    decide_within: milliseconds('1m', '24h')
      .describe('How long a call waits for a decision.')
      .prefault('10m'),
    use_within: milliseconds('10s', '1h')
      .describe('How long the caller may take, from the decision on, to make the call again.')
      .prefault('5m'),
    waiting: count(1, 1_000)
      .describe('Approvals that wait, or were decided a moment ago, of all callers together.')
      .prefault(200),
    per_caller: count(1, 1_000)
      .describe('Of one caller, within its share (`limits.share_per_caller`).')
      .prefault(5),
    client_owners: z
      .record(text, owner)
      .describe(
        'Who owns a client: they do not decide on its calls. A client that calls in its own name (its subject is its client id) has to stand here, or nobody can approve its calls.',
      )
      .prefault({}),
    webhook: webhook
      .describe('A service of yours that is told, and may send decisions (Standard Webhooks).')
      .optional(),
  })
  .transform(
    (raw): ApprovalSettings => ({
      decideMs: raw.decide_within,
      useMs: raw.use_within,
      waiting: raw.waiting,
      perCaller: raw.per_caller,
      clientOwners: new Map(Object.entries(raw.client_owners)),
      ...(raw.webhook ? { webhook: raw.webhook } : {}),
    }),
  )
