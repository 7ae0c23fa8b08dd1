// CPU time of another process, to the nanosecond (Linux, schedstat): a tick is too long for what costs little.
import { readdirSync, readFileSync } from 'node:fs'

/** Of all its threads. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  )
  return times.reduce((sum, each) => sum + each, 0) / 1e6
}
