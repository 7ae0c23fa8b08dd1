// What passes between a worker and its primary about servers that are programs. Each call has a number of its worker; bytes
// stand beside the message in its frame.
import type { Fields } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'
import type { ProgramSettings } from '../core/settings-program.ts'
import { digestOfParts } from '../lib/digest-of-parts.ts'
import type { ProgramRequest } from '../upstream/program/program-request.ts'

/** The same in the primary and in its workers, and for the programs of nothing else. */
export function keyOfProgram(route: string, settings: ProgramSettings): string {
  return digestOfParts([route, settings])
}

/** Without its body, which stands beside it. */
export interface ForwardedRequest extends Omit<ProgramRequest, 'body' | 'onWritten'> {
  readonly hasBody: boolean
  /** Whether to say when the program has it. */
  readonly tellsWritten: boolean
}

export interface ForwardedReply {
  readonly status: number
  readonly headers: Fields
  readonly mediaType: string
  /** Of a body that is whole; absent: it is a stream. */
  readonly size?: number
}

export type ProgramCommand =
  /** From now on the upstream has this number. `key`: what it is made of. */
  | readonly ['hold', number, string]
  | readonly ['release', number]
  /** A call at an upstream; its body. */
  | readonly ['send', call: number, upstream: number, ForwardedRequest]
  /** Nobody waits for it. */
  | readonly ['abort', number]
  /** So many bytes of its answer were read. */
  | readonly ['took', number, number]

export type ProgramAnswer =
  | readonly ['written', number]
  /** `isReady`: whether the upstream still counts as ready. */
  | readonly ['refused', number, Refusal, isReady: boolean]
  /** The answer begins; its first bytes. */
  | readonly ['reply', number, ForwardedReply]
  /** More bytes. */
  | readonly ['data', number]
  /** A stream is whole. */
  | readonly ['end', number]
  /** A stream broke off. */
  | readonly ['failed', number, Refusal]
