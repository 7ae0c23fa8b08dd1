// Approvals after the configuration was parsed: how long they wait, how many, and who may decide.
import type { Secret } from './secret.ts'
import type { WhoSettings } from './settings-who.ts'

export interface ApprovalSettings {
  /** From the question to the decision. */
  readonly decideMs: number
  /** From the decision to the call. */
  readonly useMs: number
  /** Approvals that wait or were decided, of all callers and of one. */
  readonly waiting: number
  readonly perCaller: number
  /** Client id → who owns the client, and so may not decide on its calls. */
  readonly clientOwners: ReadonlyMap<string, OwnerSettings>
  /** Who is told of each approval, and may send decisions. */
  readonly webhook?: ApprovalWebhookSettings
}

export interface ApprovalWebhookSettings {
  readonly url: string
  /** `whsec_` and base64 (Standard Webhooks). */
  readonly secret: Secret
  /** PEM text of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
}

/** One of the subjects, at one of the issuers where some are named. */
export interface OwnerSettings {
  readonly subjects: readonly string[]
  /** Names from `issuers`. */
  readonly issuers: readonly string[] | undefined
}

/** People by subject and issuer, the only keys of `who` that a file may give here, or whoever holds a token of the administration port that is named. */
export interface ApproverSettings extends WhoSettings {
  /** Names from `admin.tokens`. */
  readonly tokens: readonly string[] | undefined
}
