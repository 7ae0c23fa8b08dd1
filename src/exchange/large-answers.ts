// Filters answers that are too large to be kept: a JSON body, and an event of a stream. Their bytes go on as long as they
// can still be the answer to the request (answer-watch.ts). relay.ts moves the bytes.
import { createEnvelopeReader, type EnvelopeReader } from '../mcp/envelope-reader.ts'
import { PartedEvent } from '../mcp/event-data.ts'
import { AnswerWatch, NO_ANSWER, NOT_WHOLE } from './answer-watch.ts'
import { maxTtlMs, type StreamedAnswer } from './awaited-answer.ts'
import type { BodyFilter, EventJudge } from './body-filter.ts'

/** The most bytes of JSON that are held back until it is known whether they are an answer. */
const MAX_HELD_BYTES = 65_536

export function createJsonFilter(answer: StreamedAnswer): BodyFilter {
  const { call, retire, onFault } = answer
  const keptMs = maxTtlMs(call)
  let came = false
  const held: Buffer[] = []
  let heldBytes = 0
  const watch = new AnswerWatch(answer)
  const reader = createEnvelopeReader(watch, keptMs)
  return {
    push(chunk, out) {
      came = true
      const shown = reader.push(chunk)
      if (shown === undefined) {
        onFault(watch.fault)
        return false
      }
      if (!reader.settled && heldBytes + shown.length <= MAX_HELD_BYTES) {
        held.push(Buffer.from(shown))
        heldBytes += shown.length
        return true
      }
      heldBytes = 0
      for (const before of held.splice(0)) out.append(before)
      out.append(shown)
      return true
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

/** Judges the parts of one large event after another. */
export function createPartJudge(answer: StreamedAnswer): EventJudge {
  const { call, onFault } = answer
  const keptMs = maxTtlMs(call)
  let watch: AnswerWatch
  let reader: EnvelopeReader
  let event: PartedEvent
  return ({ bytes, part }) => {
    if (part === 'begins') {
      watch = new AnswerWatch(answer)
      reader = createEnvelopeReader(watch, keptMs)
      event = new PartedEvent((data) => reader.push(data), answer.sealId)
    }
    const shown = event.push(bytes)
    if (shown === undefined) onFault(watch.fault)
    else if (part === 'ends' && !reader.done) onFault(NOT_WHOLE)
    else return shown
    return undefined
  }
}
