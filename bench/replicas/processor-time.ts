// What each program of the stage takes of the processors, and what is left to it: whether a machine carries a load is read
// from this, not guessed. What ended meanwhile counts among others. Linux only (proc(5)).
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { cpuMicroseconds, TICKS_PER_SECOND } from '../proc.ts'

/** By what stands in the command line of a child of this process. What a child starts counts as its own. */
const PROGRAMS: readonly (readonly [name: string, command: RegExp])[] = [
  ['gateways', /main\.js/],
  ['HAProxy', /haproxy/],
  ['MCP servers', /server-everything|servers\/typescript/],
  ['Redis', /redis-server|valkey-server/],
  ['PostgreSQL', /postgres/],
]

/** Times in microseconds since some moment before. */
interface Reading {
  readonly atMs: number
  readonly byPid: ReadonlyMap<number, { readonly name: string; readonly used: number }>
  /** Of all programs of the machine. */
  readonly all: number
  /** When a virtual machine could have run, and its host ran something else. */
  readonly stolen: number
}

/** The result is a sentence about the time until it is called. */
export function watchProcessors(): () => string {
  const before = read()
  return () => sentence(before, read())
}

function sentence(before: Reading, after: Reading): string {
  const percent = (used: number) => Math.round(used / (after.atMs - before.atMs) / 10)
  const ours = new Map<string, number>()
  for (const [pid, { name, used }] of after.byPid)
    ours.set(name, (ours.get(name) ?? 0) + used - (before.byPid.get(pid)?.used ?? 0))
  const all = after.all - before.all
  const others = all - [...ours.values()].reduce((sum, used) => sum + used, 0)
  const parts = [...ours, ['others', others] as const, ['host', after.stolen - before.stolen] as const]
  const words = parts.map(([name, used]) => `${name} ${percent(used)} %`).join(', ')
  return `${percent(all)} % of ${100 * cpus().length} % busy: ${words}`
}

function read(): Reading {
  const byPid = new Map([[process.pid, { name: 'this program', used: cpuMicroseconds(process.pid) }]])
  const parents = parentsOfAll()
  for (const pid of parents.keys()) {
    const name = nameOf(pid, parents)
    if (name !== undefined) byPid.set(pid, { name, used: timeOf(pid) })
  }
  return { atMs: performance.now(), byPid, ...machineTimes() }
}

function parentsOfAll(): ReadonlyMap<number, number> {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return new Map(pids.map((pid) => [pid, Number(/^PPid:\s*(\d+)$/m.exec(fileOf(pid, 'status'))?.[1] ?? 0)]))
}

/** Of the child of this process that started it, or that it is. */
function nameOf(pid: number, parents: ReadonlyMap<number, number>): string | undefined {
  for (let at = pid; at > 1; at = parents.get(at) ?? 0) {
    if (parents.get(at) !== process.pid) continue
    const command = fileOf(at, 'cmdline')
    return PROGRAMS.find(([, its]) => its.test(command))?.[0]
  }
  return undefined
}

/** Empty where the process is gone. */
function fileOf(pid: number, file: 'status' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function timeOf(pid: number): number {
  try {
    return cpuMicroseconds(pid)
  } catch {
    return 0 // it is gone
  }
}

function machineTimes(): Pick<Reading, 'all' | 'stolen'> {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1).map(Number) ?? []
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  const microseconds = (ticks: number) => (ticks / TICKS_PER_SECOND) * 1_000_000
  return { all: microseconds(user + nice + system + irq + softirq), stolen: microseconds(steal) }
}
