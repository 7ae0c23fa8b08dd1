// Load on one URL for some seconds with wrk: keep-alive connections, the tokens of the scene in rotation.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './program.ts'
import { CONNECTIONS, REQUEST_BODY, type Scene, TOKENS_FILE } from './scene.ts'

const run = promisify(execFile)

export interface Load {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** How long wrk waits for one answer before it counts a failure. */
const ANSWER_LIMIT = '10s'

/** What is not as in every comparison. */
export interface LoadOptions {
  /** In the folder of the scene: the tokens in rotation. */
  readonly tokensFile?: string
  /** The number of the one that comes first. */
  readonly firstToken?: number
  readonly body?: string
  readonly connections?: number
}

/** Resolves when the load has ended. Throws when any answer was not a 2xx or 3xx, so that no error is measured. */
export async function load(
  scene: Scene,
  url: string,
  seconds: number,
  {
    tokensFile = TOKENS_FILE,
    firstToken = 0,
    body = REQUEST_BODY,
    connections = CONNECTIONS,
  }: LoadOptions = {},
): Promise<Load> {
  const command = findProgram('wrk')
  if (command === undefined) throw new Error('wrk is not installed')
  const bodyFile = join(scene.folder, 'request.json')
  writeFileSync(bodyFile, body)
  const amount = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', ANSWER_LIMIT]
  const options = [...amount, '-s', join(import.meta.dirname, 'load.lua')]
  const args = [join(scene.folder, tokensFile), bodyFile, String(firstToken)]
  const { stdout } = await run(command, [...options, url, '--', ...args])
  const { requests, microseconds, failures, p50, p99 } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  if (failures > 0) throw new Error(`${failures} of ${requests} requests to ${url} failed`)
  return { requests, seconds: microseconds / 1e6, p50Ms: p50 / 1e3, p99Ms: p99 / 1e3 }
}
