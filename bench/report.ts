// The result of a run as a table for people, and its figures with their targets. It measures nothing.
import { median, medianRatio, type Sample } from './compare.ts'
import { CROWD, type Crowd } from './crowd.ts'
import type { Endurance } from './endurance.ts'
import type { Figure } from './figures.ts'
import type { FirstCalls } from './first-calls.ts'
import { TOKEN_COUNT } from './scene.ts'
import type { Timing } from './timing.ts'

const CPU_RATIO_LIMIT = 1.15
const PEAK_LIMIT_MIB = 140
const CROWD_RATIO_LIMIT = 1.1
const FIRST_CALL_RATIO_LIMIT = 2.5
/** A garbage collector breathes; 40 KiB in 1,000 requests is 8 MiB in the 200,000 of a run. */
const SLOPE_LIMIT_KIB = 40

export interface Results {
  readonly subjects: ReadonlyMap<string, readonly Sample[]>
  /** Names of the measured subject and of its yardstick, among the subjects. */
  readonly measured: string
  readonly yardstick: string
  readonly endurance: Endurance
  readonly manyCallers: Crowd
  readonly firstCalls: FirstCalls
  readonly timings: readonly Timing[]
}

/** What is held against a target. */
export function figuresOf(results: Results): readonly Figure[] {
  const { endurance, firstCalls, manyCallers, measured, timings, yardstick } = results
  const samplesOf = (name: string) => results.subjects.get(name) ?? []
  return [
    {
      what: `CPU of an allowed call, ${measured} to ${yardstick}`,
      value: ratio(results, measured, yardstick),
      unit: 'times',
      limit: CPU_RATIO_LIMIT,
      own: { value: cpuOf(samplesOf(measured)), unit: 'µs' },
      beside: [...results.subjects]
        .filter(([name]) => name !== measured)
        .map(([name, samples]) => ({ name, value: cpuOf(samples) })),
    },
    {
      what: `CPU of the first call with a token, ${measured} to ${yardstick}`,
      value: medianRatio(firstCalls.warm, firstCalls.beside),
      unit: 'times',
      limit: FIRST_CALL_RATIO_LIMIT,
      own: { value: cpuOf(firstCalls.warm), unit: 'µs' },
      beside: [{ name: yardstick, value: cpuOf(firstCalls.beside) }],
    },
    {
      what: `CPU of a call, ${CROWD} callers to ${TOKEN_COUNT}`,
      value: medianRatio(manyCallers.many, manyCallers.few),
      unit: 'times',
      limit: CROWD_RATIO_LIMIT,
    },
    { what: 'peak resident memory', value: endurance.peakMiB, unit: 'MiB', limit: PEAK_LIMIT_MIB },
    {
      what: `growth over ${endurance.requests} requests`,
      value: endurance.slopeKiBPerThousand,
      unit: 'KiB per 1,000 requests',
      limit: SLOPE_LIMIT_KIB,
    },
    ...timings.flatMap(({ name, micros, limitMicros }) =>
      limitMicros === undefined ? [] : [{ what: name, value: micros, unit: 'µs', limit: limitMicros }],
    ),
  ]
}

function cpuOf(samples: readonly Sample[]): number {
  return median(samples.map(({ cpuPerRequest }) => cpuPerRequest))
}

function ratio(results: Results, of: string, to: string): number {
  return medianRatio(results.subjects.get(of) ?? [], results.subjects.get(to) ?? [])
}

export function renderReport(results: Results): string {
  const { endurance, firstCalls, timings } = results
  return [
    row(['subject', 'CPU µs/req', 'ratio', 'req/s', 'p50 ms', 'p99 ms']),
    ...[...results.subjects].map(([name, samples]) => subjectRow(results, name, samples)),
    '',
    ...firstCallRows(results, firstCalls),
    '',
    `memory of ${results.measured}, ${endurance.requests} requests over ${endurance.connections} connections:`,
    `  peak ${endurance.peakMiB.toFixed(0)} MiB, ${endurance.firstMiB.toFixed(0)} to ${endurance.lastMiB.toFixed(0)} MiB, ` +
      `slope ${endurance.slopeKiBPerThousand.toFixed(1)} KiB per 1,000 requests`,
    '',
    ...timings.map(({ name, micros }) => row([name, micros.toFixed(2), 'µs'])),
  ].join('\n')
}

/** The yardstick of both is its median in these rounds. */
function firstCallRows({ measured, yardstick }: Results, { cold, warm, beside }: FirstCalls): string[] {
  const cells = (samples: readonly Sample[]) => [
    cpuOf(samples).toFixed(1),
    (cpuOf(samples) / cpuOf(beside)).toFixed(2),
  ]
  return [
    row(['first calls with a token', 'CPU µs/req', 'ratio']),
    row([`${measured}, its first seconds`, ...cells(cold)]),
    row([measured, ...cells(warm)]),
    row([yardstick, ...cells(beside)]),
  ]
}

function subjectRow(results: Results, name: string, samples: readonly Sample[]): string {
  const middle = (of: (sample: Sample) => number, digits: number): string =>
    median(samples.map(of)).toFixed(digits)
  return row([
    name,
    middle((sample) => sample.cpuPerRequest, 1),
    ratio(results, name, results.yardstick).toFixed(2),
    middle((sample) => sample.requests / sample.seconds, 0),
    middle((sample) => sample.p50Ms, 2),
    middle((sample) => sample.p99Ms, 2),
  ])
}

function row(cells: readonly string[]): string {
  const [first = '', ...rest] = cells
  return first.padEnd(36) + rest.map((cell) => cell.padStart(12)).join('')
}
