// Ends the process groups that are named on its standard input, as soon as that ends: when whoever started them is gone, in
// whatever way. Programs of the table are in groups of their own, which a signal to the run does not reach.
// `+123` is a new group, `-123` one that has ended.
import { createInterface } from 'node:readline'

const groups = new Set<number>()
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const pid = Number(line.slice(1))
    if (line.startsWith('+')) groups.add(pid)
    else groups.delete(pid)
  })
  .on('close', () => {
    for (const pid of groups) {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
    }
  })
