// Answers that are too large to be kept, on their way: a JSON body, and an event of a stream. They pass as long as they
// can still be the answer to the request (answer-watch.ts). Moves no bytes itself (relay.ts).
import { createEnvelopeReader, type EnvelopeReader } from '../mcp/envelope-reader.ts'
import { PartedEvent } from '../mcp/event-data.ts'
import { AnswerWatch, type AnswerWatchOptions, NO_ANSWER, NOT_WHOLE } from './answer-watch.ts'
import type { EventJudge, Passing } from './passing.ts'
import type { SealEventId } from './resumption.ts'

/** JSON is held back until it is known whether it is an answer, but never more than this. */
const MAX_HELD_BYTES = 65_536

export interface LargeAnswerOptions extends AnswerWatchOptions {
  /** How long a client may keep it; undefined for what no client keeps. */
  readonly maxTtlMs: number | undefined
  /** Undefined where ids of events stay as they are. */
  readonly sealId?: SealEventId | undefined
  /** Told why it is no answer. */
  readonly onFault: (detail: string) => void
}

export function createJsonPassing(options: LargeAnswerOptions): Passing {
  const { maxTtlMs, retire, onFault } = options
  let came = false
  let held: Buffer[] = []
  let heldBytes = 0
  const watch = new AnswerWatch(options)
  const reader = createEnvelopeReader(watch, maxTtlMs)
  return {
    push(chunk) {
      came = true
      const shown = reader.push(chunk)
      if (shown === undefined) {
        onFault(watch.fault)
        return undefined
      }
      held.push(shown)
      heldBytes += shown.length
      if (!reader.settled && heldBytes <= MAX_HELD_BYTES) return NOTHING
      const out = held.length === 1 ? shown : Buffer.concat(held)
      held = []
      heldBytes = 0
      return out
    },
    end() {
      if (!came) {
        retire() // without an id it may be the answer to another request
        return true
      }
      const whole = reader.done && watch.answered
      if (!whole) onFault(reader.done ? NO_ANSWER : NOT_WHOLE)
      return whole
    },
    isBetween: () => false,
    canResume: () => false,
    lastWords: () => undefined,
  }
}

const NOTHING = Buffer.alloc(0)

/** Judges the parts of one large event after another. */
export function createPartJudge(options: LargeAnswerOptions): EventJudge {
  const { maxTtlMs, onFault } = options
  let watch: AnswerWatch
  let reader: EnvelopeReader
  let event: PartedEvent
  return ({ bytes, part }) => {
    if (part === 'begins') {
      watch = new AnswerWatch(options)
      reader = createEnvelopeReader(watch, maxTtlMs)
      event = new PartedEvent((data) => reader.push(data), options.sealId)
    }
    const shown = event.push(bytes)
    if (shown === undefined) onFault(watch.fault)
    else if (part === 'ends' && !reader.done) onFault(NOT_WHOLE)
    else return shown
    return undefined
  }
}
