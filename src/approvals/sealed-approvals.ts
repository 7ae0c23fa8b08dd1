// Approvals as sealed texts: whoever has the store but not the key reads none, makes none, and moves none to another place.
import { randomBytes } from 'node:crypto'
import { createKeyedDigest } from '../lib/keyed-digest.ts'
import { createSeal } from '../lib/seal.ts'
import type { Approval } from './approval.ts'

export interface SealedApprovals {
  /** Where the approval of a call with this digest is kept. */
  keyOf(digest: string): string
  seal(approval: Approval): string
  /** Undefined for what this key has not sealed for this place. */
  open(key: string, text: string): Approval | undefined
}

const KEY_CHARS = 20
const CHANCE_BYTES = 6
const ID_CHARS = KEY_CHARS + CHANCE_BYTES * 2

export function createSealedApprovals(secret: Uint8Array): SealedApprovals {
  const digest = createKeyedDigest(secret, 'approval place')
  const sealer = createSeal(secret, 'approval')
  return {
    keyOf: (text) => digest(text).toString('hex').slice(0, KEY_CHARS),
    seal: (approval) => sealer.seal(JSON.stringify(approval), keyInId(approval.id)).toString('base64url'),
    open(key, text) {
      const opened = sealer.open(Buffer.from(text, 'base64url'), key)
      return opened === undefined ? undefined : (JSON.parse(opened) as Approval)
    },
  }
}

export function freshId(key: string): string {
  return key + randomBytes(CHANCE_BYTES).toString('hex')
}

/** The part of an id that says where its approval is kept. */
export function keyInId(id: string): string {
  return id.slice(0, KEY_CHARS)
}

export function isApprovalId(text: string): boolean {
  return text.length === ID_CHARS && /^[0-9a-f]+$/.test(text)
}
