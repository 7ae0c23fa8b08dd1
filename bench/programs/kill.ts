// `kill -9` of a program, of the gateway and of a client in turn, while others call: nothing that was started is left over,
// and each call ends where its client lives. The programs ignore the end of their input and SIGTERM, and have children.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beginSession, isThere } from '../../test/support/program/client.ts'
import { type RunPrograms, runPrograms, watcherOf } from '../../test/support/program/run-programs.ts'
import type { Line } from '../replicas/check.ts'
import { type Call, type Calling, keepCalling } from './calling.ts'
import { markOf, noneMarked } from './marked.ts'

export interface KillOptions {
  readonly rounds: number
}

const CALLERS = 4
const POLL_MS = 50
const PATIENCE_MS = 15_000
const CLIENT = join(import.meta.dirname, 'killed-client.ts')

/** What a round killed, and what became of the processes that belonged to it. */
interface Death {
  readonly victim: string
  readonly fromMs: number
  readonly toMs: number
  /** Processes that were there when all had their time to end. */
  readonly orphans: number
  readonly endedMs: number
}

type Victim = (gateway: RunPrograms, round: number) => Promise<Pick<Death, 'orphans' | 'endedMs'>>

const VICTIMS: Readonly<Record<string, Victim>> = {
  program: killProgram,
  gateway: killGateway,
  client: killClient,
}

export async function kill({ rounds }: KillOptions): Promise<readonly Line[]> {
  const word = `kill-${process.pid}`
  const gateway = await runPrograms(`env: { IGNORES: "1", ${markOf(word)} }, idle: 1s`)
  try {
    const work: Calling = { isOver: false, calls: [] }
    const working = Promise.all(
      Array.from({ length: CALLERS }, (_, n) => keepCalling(gateway, `caller-${n}`, work)),
    )
    const deaths: Death[] = []
    const names = Object.keys(VICTIMS)
    for (let round = 0; round < rounds; round += 1) {
      const victim = names[round % names.length] as string
      const fromMs = performance.now()
      const left = await (VICTIMS[victim] as Victim)(gateway, round)
      deaths.push({ victim, fromMs, toMs: performance.now(), ...left })
    }
    work.isOver = true
    await working
    const left = await noneMarked(word)
    return [...judgeDeaths(deaths, left.length), ...judgeCalls(work.calls, deaths)]
  } finally {
    await gateway.close()
    await noneMarked(word)
  }
}

async function killProgram(gateway: RunPrograms, round: number): ReturnType<Victim> {
  const session = await beginSession(gateway, `victim-${round}`)
  const pids = [Number(await session.call('pid')), Number(await session.call('child'))]
  const answer = session.call('mixed', { ms: 60_000, value: 'v' })
  process.kill(pids[0] as number, 'SIGKILL')
  if (!(await answer).includes('ended before it answered')) throw new Error(`its call: ${await answer}`)
  return leftOf(pids)
}

async function killGateway(gateway: RunPrograms, round: number): ReturnType<Victim> {
  const session = await beginSession(gateway, `victim-${round}`)
  const { pid = 0 } = gateway.process.child
  const pids = [Number(await session.call('pid')), Number(await session.call('child')), watcherOf(pid) ?? 0]
  process.kill(pid, 'SIGKILL')
  const left = await leftOf(pids)
  await gateway.restart()
  return left
}

async function killClient(gateway: RunPrograms, round: number): ReturnType<Victim> {
  const token = gateway.token('a', { sub: `victim-${round}` })
  const child = spawn(process.execPath, [CLIENT, gateway.resource, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  child.kill('SIGKILL')
  return leftOf(JSON.parse(String(said)) as number[])
}

/** Called when something was killed: how many are there in the end, and how long that took. */
async function leftOf(pids: readonly number[]): Promise<Pick<Death, 'orphans' | 'endedMs'>> {
  const from = performance.now()
  while (pids.some(isThere) && performance.now() - from < PATIENCE_MS) await pause(POLL_MS)
  return { orphans: pids.filter(isThere).length, endedMs: performance.now() - from }
}

function judgeDeaths(deaths: readonly Death[], left: number): readonly Line[] {
  const lines = Object.keys(VICTIMS).map((victim) => {
    const own = deaths.filter((death) => death.victim === victim)
    const orphans = own.reduce((sum, death) => sum + death.orphans, 0)
    const longest = Math.max(0, ...own.map(({ endedMs }) => endedMs)) / 1_000
    return {
      what: `${own.length} times kill -9 of a ${victim}: ${orphans} orphans, all ended after ${longest.toFixed(1)} s at most`,
      good: orphans === 0,
    }
  })
  return [...lines, { what: `processes left when all sessions were over: ${left}`, good: left === 0 }]
}

function judgeCalls(calls: readonly Call[], deaths: readonly Death[]): readonly Line[] {
  const count = (came: Call['came']) => calls.filter((call) => call.came === came).length
  const gateways = deaths.filter(({ victim }) => victim === 'gateway')
  const unexplained = calls.filter(
    ({ came, fromMs, toMs }) =>
      came === 'cut' && !gateways.some((death) => fromMs <= death.toMs && death.fromMs <= toMs),
  )
  const odd = calls.filter(({ came }) => came === 'silent' || came === 'wrong')
  const [first] = [...odd, ...unexplained]
  const told = first === undefined ? '' : `, such as ${first.came}: ${first.why}`
  return [
    {
      what: `${calls.length} calls of clients that lived: ${count('answered')} answered, ${count('refused')} told that it ended, ${count('cut')} cut by the death of the gateway`,
      good: count('answered') > 0,
    },
    { what: `calls without an answer: ${count('silent')}`, good: count('silent') === 0 },
    {
      what: `calls that came to something else: ${count('wrong')}, cut while the gateway lived: ${unexplained.length}${told}`,
      good: odd.length === 0 && unexplained.length === 0,
    },
  ]
}
