// `npm run interop:soak`: an hour of mixed use. No session may be lost, and nothing fails away from a restart.
// Options: --seconds 3600, --reload 60 (seconds between reloads), --idle 20 (seconds of the longest pause), --clients and --servers (names with commas between).
import { parseArgs } from 'node:util'
import { CLIENTS, SERVERS } from '../programs.ts'
import { soak } from './soak.ts'
import { faults, report } from './tally.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    reload: { type: 'string', default: '60' },
    idle: { type: 'string', default: '20' },
    clients: { type: 'string' },
    servers: { type: 'string', default: 'typescript-2,python-1' },
  },
})
const from = Date.now()
const say = (words: string) => console.log(`${Math.round((Date.now() - from) / 1_000)} s: ${words}`)
const isAsked = (name: string, names: string | undefined) => names?.split(',').includes(name) ?? true

const { tallies, restarts, reloads, statuses } = await soak({
  clients: CLIENTS.filter(({ name, soaks }) => soaks === true && isAsked(name, values.clients)),
  servers: SERVERS.filter(({ name }) => isAsked(name, values.servers)),
  seconds: Number(values.seconds),
  secondsBetweenReloads: Number(values.reload),
  idleSeconds: Number(values.idle),
  say,
})
process.stdout.write(`\n${report(tallies)}\n\n`)
say(`${reloads} reloads, ${restarts} restarts; answers: ${JSON.stringify(Object.fromEntries(statuses))}`)
const found = tallies.flatMap(faults)
for (const fault of found) say(fault)
say(found.length === 0 ? 'no session was lost, and nothing failed away from a restart' : 'NOT GOOD')
process.exit(found.length === 0 ? 0 : 1)
