// CPU time and memory of another process, all its threads together, from /proc (Linux only; proc(5)).
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const KIB_PER_MIB = 1024

/** User plus system time since the process began, in microseconds, to the resolution of the kernel's tick. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command name may hold spaces and brackets; `state` is the first field after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12]) // utime, stime: fields 14 and 15, counted from 1
  return (ticks / TICKS_PER_SECOND) * 1_000_000
}

export interface Memory {
  readonly residentMiB: number
  /** The most it has ever been. */
  readonly peakMiB: number
}

export function memory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { residentMiB: field(status, 'VmRSS') / KIB_PER_MIB, peakMiB: field(status, 'VmHWM') / KIB_PER_MIB }
}

function field(status: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kib === undefined) throw new Error(`no ${name} in /proc status`)
  return Number(kib)
}
