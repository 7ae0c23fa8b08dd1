// A checkpoint: a line of the chain that is signed, so that it vouches for all lines before it. A copy of it is kept
// elsewhere (anchor.ts). Makes and reads the text; it keeps none.
import type { KeyObject } from 'node:crypto'
import type { JsonMembers } from '../../lib/json.ts'
import { type CheckpointKey, isSignedBy } from './signing-key.ts'

/** `start`: the gateway begins to write; `interval`: time has passed; `rotation`: the last line of a file that was moved; `end`. */
export type CheckpointCause = 'start' | 'interval' | 'rotation' | 'end'

export const CHECKPOINT_EVENT = 'checkpoint'

export interface CheckpointFacts {
  readonly why: CheckpointCause
  /** ISO 8601. */
  readonly time: string
  /** Lines that could not be recorded since the start. */
  readonly lost: number
}

/** As a line that has no place yet. */
export function checkpointLine({ why, time, lost }: CheckpointFacts, key: CheckpointKey): string {
  return `${JSON.stringify({ time, stream: 'audit', event: CHECKPOINT_EVENT, why, lost, key: key.id })}\n`
}

const SIGNATURE_CHARACTERS = 86
const BEFORE = ',"sig":"'
const AFTER = '"}'

export function signedLine(linked: string, key: CheckpointKey): string {
  return `${linked.slice(0, -1)}${BEFORE}${key.sign(linked)}${AFTER}`
}

/** Whether one of the keys signed the line. */
export function isGenuine(line: string, keys: readonly KeyObject[]): boolean {
  const from = line.length - AFTER.length - SIGNATURE_CHARACTERS
  const end = line.length - AFTER.length
  if (line.slice(from - BEFORE.length, from) !== BEFORE || line.slice(end) !== AFTER) return false
  const linked = `${line.slice(0, from - BEFORE.length)}}`
  return keys.some((key) => isSignedBy(key, linked, line.slice(from, end)))
}

export function isCheckpoint(members: JsonMembers): boolean {
  return members['stream'] === 'audit' && members['event'] === CHECKPOINT_EVENT
}
