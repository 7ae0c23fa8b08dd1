// `npm run interop:soak`: clients of other SDKs in mixed use (idle, calls, progress) through a gateway that is reloaded every
// minute and restarted twice, at one third and at two thirds. No session may be lost, and nothing fails away from a restart.
// Options: --seconds 3600, --reload 60 (seconds between reloads), --clients and --servers (names with commas between).
import { parseArgs } from 'node:util'
import type { Built, ClientProgram, ServerProgram } from '../contract.ts'
import { SCOPE } from '../gateway.ts'
import { runClient, type StartedServer, startServerProgram } from '../process.ts'
import { CLIENTS, SERVERS } from '../programs.ts'
import { type SoakGateway, startSoakGateway } from './gateway.ts'
import { count, createTally, faults, report, type Tally } from './tally.ts'

/** How much longer than its time a client may take to say that it is done. */
const GRACE_MS = 120_000
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    reload: { type: 'string', default: '60' },
    clients: { type: 'string' },
    servers: { type: 'string', default: 'typescript-2,python-1' },
  },
})
const seconds = Number(values.seconds)
const from = Date.now()

interface Ready<T> {
  readonly program: T
  readonly command: readonly [command: string, ...args: string[]]
}

const clients = await ready(
  CLIENTS.filter(({ name, soaks }) => soaks === true && (values.clients?.split(',').includes(name) ?? true)),
)
const servers = await ready(SERVERS.filter(({ name }) => values.servers.split(',').includes(name)))
const started = new Map<string, StartedServer>()
for (const { program, command } of servers)
  started.set(program.name, await startServerProgram(program, command))
const gateway = await startSoakGateway(Object.fromEntries([...started].map(([name, { url }]) => [name, url])))
const restarts: number[] = []
const tallies: Tally[] = []
const work = clients.flatMap((client) => servers.map((server) => soak(client, server.program)))
say(`${work.length} clients for ${seconds} s`)
const reloading = setInterval(() => void gateway.reload(), Number(values.reload) * 1_000)
const restarting = [seconds / 3, (seconds * 2) / 3].map((at) =>
  setTimeout(() => void restart(gateway), at * 1_000),
)
await Promise.all(work)
clearInterval(reloading)
for (const timer of restarting) clearTimeout(timer)
const statuses = await gateway.statuses()
await gateway.close()
for (const server of started.values()) server.stop()
process.stdout.write(`\n${report(tallies)}\n\n`)
say(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}; restarts: ${restarts.length}`)
const found = tallies.flatMap(faults)
for (const fault of found) say(fault)
say(found.length === 0 ? 'no session was lost, and nothing failed away from a restart' : 'NOT GOOD')
process.exit(found.length === 0 ? 0 : 1)

async function soak({ program, command }: Ready<ClientProgram>, server: ServerProgram): Promise<void> {
  const tally = createTally(`${program.name} at ${server.name}`)
  tallies.push(tally)
  const oauth = { clientName: tally.name, scope: SCOPE, tokenSeconds: gateway.accessTokenSeconds }
  await runClient({
    command,
    env: program.env,
    job: { url: gateway.url(server.name), oauth, steps: [], soak: { seconds } },
    browse: (url) => gateway.person().browse(url),
    onLine: (line) => {
      const words = count(tally, line, Date.now(), restarts)
      if (words !== undefined) say(words)
    },
    limitMs: seconds * 1_000 + GRACE_MS,
  })
}

async function restart({ restart: again }: SoakGateway): Promise<void> {
  restarts.push(Date.now())
  await again()
  say('restarted')
}

async function ready<T extends { readonly name: string; build(): Promise<Built> }>(
  programs: readonly T[],
): Promise<Ready<T>[]> {
  const built: Ready<T>[] = []
  for (const program of programs) {
    const command = await program.build()
    if (typeof command === 'string') say(`not here: ${program.name}: ${command}`)
    else built.push({ program, command })
  }
  return built
}

function say(words: string): void {
  console.log(`${Math.round((Date.now() - from) / 1_000)} s: ${words}`)
}
