// The end of a gateway: new requests are refused, open ones may finish for a while, and are then cut off.
import { setTimeout as delay } from 'node:timers/promises'
import type { ExchangeServices } from '../exchange/services.ts'
import type { Generation } from './generation.ts'

/** How long requests may take to end after they were cut off, in milliseconds. */
const AFTERMATH_MS = 2_000

/**
 * Refuses new requests, waits for open ones for at most `drainMs`, then cuts them off. It calls `onOver` just before
 * that, so that waiting requests can still be told.
 */
export type StopTaking = (drainMs: number, onOver: () => void) => Promise<void>

interface Draining {
  readonly generations: readonly Generation[]
  readonly stop: StopTaking
  readonly drainMs: number
  readonly open: ExchangeServices['open']
}

/** Resolves when no request is under way any more, and every part of the generations is closed. */
export async function drain({ generations, stop, drainMs, open }: Draining): Promise<void> {
  const drained = stop(drainMs, () => {
    for (const each of generations) each.breakOff() // S44
  })
  for (const finish of [...open]) finish() // STR-07
  await drained
  for (const each of generations) each.close() // D21: also calls that nobody waits for
  const idle = Promise.all(generations.map((each) => each.idle()))
  await Promise.race([idle, delay(AFTERMATH_MS, undefined, { ref: false })])
}
