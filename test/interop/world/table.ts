// Runs every client at every server, through the gateway and without it, and keeps what each step came to.
import type { Built, ClientProgram, Job, ServerProgram, Step } from './contract.ts'
import { OAUTH_STEPS, STEPS } from './contract.ts'
import { startCutter } from './cutter.ts'
import { SCOPE, startWorldGateway, type WorldGateway } from './gateway.ts'
import { type Outcome, type Outcomes, runClient, type StartedServer, startServerProgram } from './process.ts'

/** A step-up is only asked for while the access token has a minute left. */
const LONG_SECONDS = 3_600
const SHORT_SECONDS = 3
/** Pairs at the same time, each of another server: few cores. */
const LANES = 2

/** `sdk` and `server`: its own package cannot do this; `-`: there is nothing to compare with. */
export type Mark = 'ok' | 'no' | 'sdk' | 'server' | '-'

export interface Cell {
  readonly step: Step
  readonly direct: Mark
  readonly gateway: Mark
  /** Why it is not `ok`, in the words of whoever said so. */
  readonly why: readonly string[]
}

export interface Pair {
  readonly client: ClientProgram
  readonly server: ServerProgram
  readonly cells: readonly Cell[]
}

export interface World {
  readonly pairs: readonly Pair[]
  /** Programs that are not here, with the reason. */
  readonly missing: readonly string[]
  /** Warnings and errors of the gateway's log. */
  readonly log: readonly string[]
  readonly seconds: number
}

interface Ready<T> {
  readonly program: T
  readonly command: readonly [command: string, ...args: string[]]
}

interface RunningServer {
  readonly program: ServerProgram
  readonly started: StartedServer
}

interface Gateways {
  readonly long: WorldGateway
  /** Its access tokens end after some seconds. */
  readonly short: WorldGateway
}

export interface WorldOptions {
  readonly clients: readonly ClientProgram[]
  readonly servers: readonly ServerProgram[]
  readonly onPair?: (pair: Pair) => void
}

export async function runWorld({ clients, servers, onPair }: WorldOptions): Promise<World> {
  const from = performance.now()
  const missing: string[] = []
  const readyClients = await buildAll(clients, missing)
  const readyServers = await buildAll(servers, missing)
  const running: RunningServer[] = []
  const log: string[] = []
  try {
    for (const { program, command } of readyServers)
      running.push({ program, started: await startServerProgram(program, command) })
    const upstreams = Object.fromEntries(running.map(({ program, started }) => [program.name, started.url]))
    const gateways = {
      long: await startWorldGateway({ upstreams, accessTokenSeconds: LONG_SECONDS }),
      short: await startWorldGateway({ upstreams, accessTokenSeconds: SHORT_SECONDS }),
    }
    const pairs = await inLanes(running, async (server) => {
      const done: Pair[] = []
      for (const client of readyClients) {
        const first = await runPair(client, server, gateways)
        // A machine with much to do may be late once: what is worse through the gateway is run again, and printed twice.
        if (isWorse(first)) onPair?.(first)
        const pair = isWorse(first) ? await runPair(client, server, gateways) : first
        done.push(pair)
        onPair?.(pair)
      }
      return done
    })
    for (const gateway of Object.values(gateways)) {
      log.push(...gateway.log)
      await gateway.close()
    }
    return { pairs: pairs.flat(), missing, log, seconds: (performance.now() - from) / 1_000 }
  } finally {
    for (const { started } of running) started.stop()
  }
}

/** Whether a step that works without the gateway, or needs it, does not work through it. */
export function isWorse({ cells }: Pair): boolean {
  return cells.some(({ direct, gateway }) => gateway === 'no' && direct !== 'no')
}

async function buildAll<T extends { readonly name: string; build(): Promise<Built> }>(
  programs: readonly T[],
  missing: string[],
): Promise<Ready<T>[]> {
  const ready: Ready<T>[] = []
  for (const program of programs) {
    const command = await program.build()
    if (typeof command === 'string') missing.push(`${program.name}: ${command}`)
    else ready.push({ program, command })
  }
  return ready
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const queue = [...items]
  const results: R[] = []
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}

type Both = readonly [direct: Outcomes, gateway: Outcomes]

async function runPair(
  client: Ready<ClientProgram>,
  { program: server, started }: RunningServer,
  gateways: Gateways,
): Promise<Pair> {
  const wanted = STEPS.filter((step) => excuseOf(step, client.program, server) === undefined)
  const token = await gateways.long.token(server.name)
  const run = (job: Job, gateway = gateways.long) =>
    runClient({
      command: client.command,
      env: client.program.env,
      job,
      browse: (url) => gateway.person().browse(url),
    })
  const through = { url: gateways.long.url(server.name), token }
  const results: Both[] = await Promise.all([
    plain(run, started, through, { wanted, hears: client.program.cancelsByLeaving !== true }),
    resumed(run, started.url, through, wanted),
    signedIn(run, 'step-up', gateways.long, server, wanted),
    signedIn(run, 'refresh', gateways.short, server, wanted),
  ])
  const direct = new Map(results.flatMap(([outcomes]) => [...outcomes]))
  const gateway = new Map(results.flatMap(([, outcomes]) => [...outcomes]))
  const cells = STEPS.map((step) => cellOf(step, client.program, server, direct.get(step), gateway.get(step)))
  return { client: client.program, server, cells }
}

type Run = (job: Job, gateway?: WorldGateway) => Promise<Outcomes>
type Through = { readonly url: string; readonly token: string }

/** One after the other, so that a cancelled request can be told from another. */
async function plain(
  run: Run,
  server: StartedServer,
  through: Through,
  { wanted, hears }: { readonly wanted: readonly Step[]; readonly hears: boolean },
): Promise<Both> {
  const steps = wanted.filter((step) => step !== 'resume' && !OAUTH_STEPS.includes(step))
  if (steps.length === 0) return [new Map(), new Map()]
  const before = server.cancelled()
  const direct = await run({ url: server.url, steps })
  const between = server.cancelled()
  const gateway = new Map(await run({ ...through, steps }))
  const isHeardDirectly = hears && between > before
  if (isHeardDirectly && server.cancelled() === between && gateway.get('cancel')?.ok === true)
    gateway.set('cancel', { ok: false, why: 'the server did not hear of it' })
  return [direct, gateway]
}

async function resumed(run: Run, url: string, through: Through, wanted: readonly Step[]): Promise<Both> {
  if (!wanted.includes('resume')) return [new Map(), new Map()]
  const cut = async (target: string, token?: string): Promise<Outcomes> => {
    const cutter = await startCutter(target)
    const outcomes = await run({
      url: cutter.url,
      ...(token !== undefined && { token }),
      steps: ['connect', 'resume'],
    })
    await cutter.close()
    const resume =
      cutter.cuts() === 1 ? outcomes.get('resume') : { ok: false, why: 'there was no stream to cut' }
    return resume === undefined ? new Map() : new Map([['resume', resume]])
  }
  return await Promise.all([cut(url), cut(through.url, through.token)])
}

async function signedIn(
  run: Run,
  step: Step,
  gateway: WorldGateway,
  { name }: ServerProgram,
  wanted: readonly Step[],
): Promise<Both> {
  if (!wanted.includes(step)) return [new Map(), new Map()]
  const oauth = { clientName: `world ${step}`, scope: SCOPE, tokenSeconds: gateway.accessTokenSeconds }
  const outcomes = await run({ url: gateway.url(name), oauth, steps: ['connect', step] }, gateway)
  const connect = outcomes.get('connect')
  const outcome = connect?.ok === false ? connect : outcomes.get(step)
  return [new Map(), outcome === undefined ? new Map() : new Map([[step, outcome]])]
}

interface Excuse {
  readonly mark: Mark
  readonly why: string
}

/** Why a step is not run. */
function excuseOf(step: Step, client: ClientProgram, server: ServerProgram): Excuse | undefined {
  const pair = client.cannotAt?.[server.name]
  if (pair !== undefined) return { mark: '-', why: pair }
  const own = client.cannot?.[step]
  if (own !== undefined) return { mark: 'sdk', why: own }
  const why = server.cannot?.[step]
  return why === undefined ? undefined : { mark: 'server', why }
}

function cellOf(
  step: Step,
  client: ClientProgram,
  server: ServerProgram,
  direct: Outcome | undefined,
  gateway: Outcome | undefined,
): Cell {
  const excuse = excuseOf(step, client, server)
  if (excuse !== undefined) return { step, direct: excuse.mark, gateway: excuse.mark, why: [excuse.why] }
  const why = [
    ...(direct?.why === undefined ? [] : [`direct: ${direct.why}`]),
    ...(gateway?.why === undefined ? [] : [`gateway: ${gateway.why}`]),
  ]
  const hasNone = direct === undefined && OAUTH_STEPS.includes(step)
  return { step, direct: hasNone ? '-' : markOf(direct), gateway: markOf(gateway), why }
}

function markOf(outcome: Outcome | undefined): Mark {
  return outcome?.ok === true ? 'ok' : 'no'
}
