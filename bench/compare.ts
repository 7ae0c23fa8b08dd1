// CPU per request of several subjects under the same load, in rounds A B C A B C, so that a noisy machine
// disturbs all of them alike. Only ratios within a run mean something.
import { type Load, load } from './load.ts'
import { cpuMicroseconds } from './proc.ts'
import { type Scene, TOKENS_FILE } from './scene.ts'
import type { Subject } from './subjects/subject.ts'

/** For each subject: code compiled for good, which takes some ten thousand calls, and every token seen. */
const WARM_UP_REQUESTS = 60_000
/** A slow machine may need longer, but not for ever. */
const WARM_UP_LIMIT_SECONDS = 60
const WARM_UP_STEP_SECONDS = 5

export interface Plan {
  readonly rounds: number
  readonly seconds: number
}

export interface Sample extends Load {
  /** User plus system time of the subject's process, in microseconds. */
  readonly cpuPerRequest: number
}

/** The samples of each subject, by its name, in order of the rounds. */
export async function compare(
  scene: Scene,
  subjects: readonly Subject[],
  plan: Plan,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]))
  for (const { url } of subjects) await warmUp(scene, url)
  for (let round = 0; round < plan.rounds; round++) {
    for (const subject of subjects) {
      samples.get(subject.name)?.push(await measure(scene, subject, plan.seconds))
    }
  }
  return samples
}

/** @param tokensFile whose tokens are in rotation; those of the scene by default */
export async function warmUp(scene: Scene, url: string, tokensFile = TOKENS_FILE): Promise<void> {
  let requests = 0
  let seconds = 0
  while (requests < WARM_UP_REQUESTS && seconds < WARM_UP_LIMIT_SECONDS) {
    requests += (await load(scene, url, WARM_UP_STEP_SECONDS, { tokensFile })).requests
    seconds += WARM_UP_STEP_SECONDS
  }
}

export async function measure(
  scene: Scene,
  subject: Subject,
  seconds: number,
  tokensFile = TOKENS_FILE,
  firstToken = 0,
): Promise<Sample> {
  const before = cpuMicroseconds(subject.program.pid)
  const result = await load(scene, subject.url, seconds, { tokensFile, firstToken })
  const used = cpuMicroseconds(subject.program.pid) - before
  return { ...result, cpuPerRequest: used / result.requests }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The median over rounds of one subject's CPU per request over the other's in the same round. */
export function medianRatio(of: readonly Sample[], to: readonly Sample[]): number {
  return median(of.map((sample, round) => sample.cpuPerRequest / (to[round]?.cpuPerRequest ?? Number.NaN)))
}
