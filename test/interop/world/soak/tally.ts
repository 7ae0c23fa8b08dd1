// What one client came to in a soak: rounds, and what failed. While the gateway is restarted a call may fail, for nobody is
// there; its session may not be lost even then.
import type { ClientLine } from '../contract.ts'

/** A call that met a restart may end so much later: SDKs wait for a stream, and try again. */
const SHADOW_MS = 90_000
const MAX_REASONS = 20

/** When the gateway was asked to end. */
export type Restarts = readonly number[]

export interface Tally {
  readonly name: string
  rounds: number
  failures: number
  /** Of these failures. */
  atRestarts: number
  lost: number
  signIns: number
  done: boolean
  readonly reasons: string[]
}

export function createTally(name: string): Tally {
  return { name, rounds: 0, failures: 0, atRestarts: 0, lost: 0, signIns: 0, done: false, reasons: [] }
}

/** Returns what is worth printing. */
export function count(tally: Tally, line: ClientLine, now: number, restarts: Restarts): string | undefined {
  if ('open' in line) tally.signIns++
  if ('done' in line) tally.done = true
  if (!('round' in line)) return undefined
  tally.rounds++
  if (line.lost === true) tally.lost++
  if (line.ok) return undefined
  tally.failures++
  const isAtRestart = restarts.some((at) => now >= at && now <= at + SHADOW_MS)
  if (isAtRestart) tally.atRestarts++
  const words = `${tally.name}, round ${line.round}${isAtRestart ? ', at a restart' : ''}: ${line.why ?? 'no reason'}`
  const short = words.replace(/\s+/g, ' ').slice(0, 400)
  if (tally.reasons.length < MAX_REASONS) tally.reasons.push(short)
  return short
}

/** What must not happen. */
export function faults(tally: Tally): readonly string[] {
  const { name, rounds, failures, atRestarts, lost, done } = tally
  return [
    ...(rounds === 0 ? [`${name} did nothing`] : []),
    ...(lost > 0 ? [`${name} lost its session ${lost} times`] : []),
    ...(failures > atRestarts ? [`${name} failed ${failures - atRestarts} times away from restarts`] : []),
    ...(done ? [] : [`${name} ended early`]),
  ]
}

export function report(tallies: readonly Tally[]): string {
  const head = ['client at server', 'rounds', 'failures', 'of these at restarts', 'lost sessions', 'sign-ins']
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...tallies.map(
      ({ name, rounds, failures, atRestarts, lost, signIns }) =>
        `| ${[name, rounds, failures, atRestarts, lost, signIns].join(' | ')} |`,
    ),
  ].join('\n')
}
