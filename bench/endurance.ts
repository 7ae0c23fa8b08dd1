// Memory of one subject over many requests: the peak, and whether it still grows once it is warm.

import { load } from './load.ts'
import { memory } from './proc.ts'
import { CONNECTIONS, type Scene } from './scene.ts'
import type { Subject } from './subjects/subject.ts'

/** One stretch of load between two readings. */
const STRETCH_SECONDS = 2
/** Read nothing before: the heap finds its size first. */
const WARM_UP_REQUESTS = 20_000

export interface Endurance {
  readonly connections: number
  /** Measured, without the warm-up. */
  readonly requests: number
  readonly peakMiB: number
  readonly firstMiB: number
  readonly lastMiB: number
  /** Least squares through all readings, in KiB of resident memory for each 1,000 requests. */
  readonly slopeKiBPerThousand: number
}

interface Reading {
  readonly requests: number
  readonly residentMiB: number
}

export async function endure(scene: Scene, subject: Subject, atLeast: number): Promise<Endurance> {
  let warm = 0
  while (warm < WARM_UP_REQUESTS) warm += (await load(scene, subject.url, STRETCH_SECONDS)).requests
  const first = read(subject, 0)
  const readings = [first]
  let requests = 0
  while (requests < atLeast) {
    requests += (await load(scene, subject.url, STRETCH_SECONDS)).requests
    readings.push(read(subject, requests))
  }
  return {
    connections: CONNECTIONS,
    requests,
    peakMiB: memory(subject.program.pid).peakMiB,
    firstMiB: first.residentMiB,
    lastMiB: readings.at(-1)?.residentMiB ?? Number.NaN,
    slopeKiBPerThousand: slope(readings) * 1024 * 1_000,
  }
}

function read(subject: Subject, requests: number): Reading {
  return { requests, residentMiB: memory(subject.program.pid).residentMiB }
}

/** MiB per request. */
function slope(readings: readonly Reading[]): number {
  const mean = (of: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length
  const x = mean((reading) => reading.requests)
  const y = mean((reading) => reading.residentMiB)
  const covariance = mean((reading) => (reading.requests - x) * (reading.residentMiB - y))
  const variance = mean((reading) => (reading.requests - x) ** 2)
  return covariance / variance
}
