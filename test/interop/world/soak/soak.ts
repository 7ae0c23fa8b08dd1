// Clients in mixed use (idle, calls, progress) through a gateway that is reloaded again and again, and restarted at one third
// and at two thirds of the time. Both begin when every client has done a round.
import { setTimeout as delay } from 'node:timers/promises'
import type { Built, ClientProgram, ServerProgram } from '../contract.ts'
import { SCOPE } from '../gateway.ts'
import { runClient, type StartedServer, startServerProgram } from '../process.ts'
import { type SoakGateway, startSoakGateway } from './gateway.ts'
import { count, createTally, type Tally } from './tally.ts'

/** How much longer than its time a client may take to say that it is done. */
const GRACE_MS = 120_000

export interface SoakOptions {
  readonly clients: readonly ClientProgram[]
  /** Each client works at each of them. */
  readonly servers: readonly ServerProgram[]
  readonly seconds: number
  readonly secondsBetweenReloads: number
  /** The longest pause of a client. */
  readonly idleSeconds: number
  readonly say: (words: string) => void
}

export interface Soaked {
  readonly tallies: readonly Tally[]
  readonly restarts: number
  readonly reloads: number
  /** How many answers had each status. */
  readonly statuses: ReadonlyMap<number, number>
}

interface Ready<T> {
  readonly program: T
  readonly command: Exclude<Built, string>
}

export async function soak(options: SoakOptions): Promise<Soaked> {
  const { seconds, secondsBetweenReloads, say } = options
  const clients = await ready(options.clients, say)
  const servers = await ready(options.servers, say)
  const started = new Map<string, StartedServer>()
  for (const { program, command } of servers)
    started.set(program.name, await startServerProgram(program, command))
  const urls = Object.fromEntries([...started].map(([name, { url }]) => [name, url]))
  const gateway = await startSoakGateway(urls)
  const restarts: number[] = []
  const tallies: Tally[] = []
  const work = clients.flatMap((client) =>
    servers
      .filter(({ program }) => client.program.cannotAt?.[program.name] === undefined)
      .map(({ program: server }) => {
        const tally = createTally(`${client.program.name} at ${server.name}`)
        tallies.push(tally)
        const onTally = (words: string | undefined) => words !== undefined && say(words)
        return use(client, server, { ...options, gateway, tally, restarts, onTally })
      }),
  )
  say(`${work.length} clients for ${seconds} s`)
  while (tallies.some(({ rounds, done }) => rounds === 0 && !done)) await delay(100)
  let reloads = 0
  const reloading = setInterval(() => {
    reloads++
    void gateway.reload()
  }, secondsBetweenReloads * 1_000)
  const restartAll = restarting(seconds, async () => {
    restarts.push(Date.now())
    await gateway.restart()
    say('restarted')
  })
  await Promise.all([...work, restartAll])
  clearInterval(reloading)
  const statuses = await gateway.statuses()
  await gateway.close()
  for (const server of started.values()) server.stop()
  return { tallies, restarts: restarts.length, reloads, statuses }
}

/** At one third and at two thirds, one after the other. */
async function restarting(seconds: number, restart: () => Promise<void>): Promise<void> {
  for (const _ of [1, 2]) {
    await delay((seconds * 1_000) / 3)
    await restart()
  }
}

interface Use extends SoakOptions {
  readonly gateway: SoakGateway
  readonly tally: Tally
  readonly restarts: readonly number[]
  readonly onTally: (words: string | undefined) => void
}

async function use(
  { program, command }: Ready<ClientProgram>,
  server: ServerProgram,
  with_: Use,
): Promise<void> {
  const { gateway, tally, restarts, seconds, idleSeconds, onTally } = with_
  const oauth = { clientName: tally.name, scope: SCOPE, tokenSeconds: gateway.accessTokenSeconds }
  await runClient({
    command,
    env: program.env,
    job: { url: gateway.url(server.name), oauth, steps: [], soak: { seconds, idleSeconds } },
    browse: (url) => gateway.person().browse(url),
    onLine: (line) => onTally(count(tally, line, Date.now(), restarts)),
    limitMs: seconds * 1_000 + GRACE_MS,
  })
}

async function ready<T extends { readonly name: string; build(): Promise<Built> }>(
  programs: readonly T[],
  say: (words: string) => void,
): Promise<Ready<T>[]> {
  const built: Ready<T>[] = []
  for (const program of programs) {
    const command = await program.build()
    if (typeof command !== 'string') built.push({ program, command })
    else say(`not here: ${program.name}: ${command}`)
  }
  return built
}
