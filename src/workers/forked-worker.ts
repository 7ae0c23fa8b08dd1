// One worker as its primary sees it: a child process that is given orders, and how it ended. It starts no replacement.
import cluster, { type Worker } from 'node:cluster'
import { closeSync } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import type { AccessOutput } from '../observe/access-log.ts'
import { type Told, takeTold } from './access-relay.ts'
import { openCallsFile, readOpenCalls } from './open-calls.ts'
import {
  type Answered,
  type Answers,
  type Asked,
  type Order,
  PROGRAMS_FD,
  STATE_FD,
  WORKER_ARGUMENT,
} from './orders.ts'
import { type LineWriter, relayLines } from './relay.ts'

export interface WorkerProcess {
  readonly pid: number | undefined
  /**
   * Gives an order. Rejects with the sentence of the worker, or when the worker ends or says nothing for `patienceMs`.
   */
  ask<O extends Order>(order: O, patienceMs: number): Promise<Answers[O['what']]>
  /** Resolves when the process is gone, and all that it wrote has been passed on. */
  readonly ended: Promise<WorkerEnding>
  kill(): void
}

export interface WorkerEnding {
  /** How it ended: `signal SIGKILL`, `exit code 1`. */
  readonly how: string
  /** The ids of requests that were admitted and have no end on record. */
  readonly openCalls: readonly string[]
}

export interface WorkerPlace {
  /** The file of the program. */
  readonly program: string
  readonly stdout: LineWriter
  readonly stderr: LineWriter
  /** The folder for a file with the calls under way; undefined where nobody needs to know them. */
  readonly callsFolder: string | undefined
  /** Serves the channel for the state that workers share. */
  readonly serveState: (stream: Duplex) => void
  /** Serves the channel for servers that are programs. */
  readonly servePrograms: (stream: Duplex) => void
  /** Where a person is told of each call; undefined where nobody watches. */
  readonly accessOutput: AccessOutput | undefined
}

/** Throws when the process cannot be made. */
export function forkWorker(place: WorkerPlace): WorkerProcess {
  const { program, stdout, stderr, callsFolder, serveState, servePrograms, accessOutput } = place
  const calls = callsFolder === undefined ? undefined : openCallsFile(callsFolder)
  const worker = fork(program, calls)
  const { ask, refuseAll } = createAsking(worker, accessOutput)
  const child = worker.process
  const streams: readonly unknown[] = child.stdio // its type knows five
  serveState(streams[STATE_FD] as Duplex)
  servePrograms(streams[PROGRAMS_FD] as Duplex)
  const relayed = Promise.allSettled([
    relayLines(child.stdout as Readable, stdout),
    relayLines(child.stderr as Readable, stderr),
  ])
  const exited = new Promise<string>((resolve) => {
    worker.on('error', () => undefined) // a message could not be sent: the worker ends, which is reported
    worker.on('exit', (code: number | null, signal: string | null) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    )
    child.once('error', (error) => resolve(error.message))
  })
  const end = async (): Promise<WorkerEnding> => {
    const how = await exited
    refuseAll(`the worker has ended: ${how}`)
    await relayed
    const openCalls = calls === undefined ? [] : readOpenCalls(calls)
    if (calls !== undefined) closeSync(calls)
    return { how, openCalls }
  }
  return {
    pid: child.pid,
    ask,
    ended: end(),
    kill: () => void child.kill('SIGKILL'),
  }
}

function fork(program: string, calls: number | undefined): Worker {
  // The primary hands connections to workers in turn (docs/decisions.md, 22).
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    exec: program,
    args: [WORKER_ARGUMENT],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe', 'pipe', ...(calls === undefined ? [] : [calls])],
  })
  return cluster.fork()
}

interface Waiting {
  resolve(value: Answered['value']): void
  reject(error: Error): void
}

function createAsking(worker: Worker, accessOutput: AccessOutput | undefined) {
  const waiting = new Map<number, Waiting>()
  let last = 0
  let gone: string | undefined
  worker.on('message', (message: Answered | Told) => {
    if (takeTold(message, accessOutput)) return
    const { answer, value, problem } = message
    const asked = waiting.get(answer)
    if (problem === undefined) asked?.resolve(value)
    else asked?.reject(new Error(problem))
  })
  const send = (order: Order, patienceMs: number) =>
    new Promise<Answered['value']>((resolve, reject) => {
      if (gone !== undefined || !worker.isConnected())
        return reject(new Error(gone ?? 'the worker has ended'))
      last += 1
      const ask = last
      const seconds = Math.round(patienceMs / 1_000)
      const late = () => waiting.get(ask)?.reject(new Error(`the worker has not answered for ${seconds} s`))
      const timer = setTimeout(late, patienceMs)
      const forget = () => {
        clearTimeout(timer)
        waiting.delete(ask)
      }
      waiting.set(ask, {
        resolve(value) {
          forget()
          resolve(value)
        },
        reject(error) {
          forget()
          reject(error)
        },
      })
      const asked: Asked = { ask, order }
      worker.send(asked, (error) => error && waiting.get(ask)?.reject(error))
    })
  return {
    ask: <O extends Order>(order: O, patienceMs: number) =>
      send(order, patienceMs) as Promise<Answers[O['what']]>,
    refuseAll(why: string) {
      gone = why
      for (const asked of [...waiting.values()]) asked.reject(new Error(why))
    },
  }
}
