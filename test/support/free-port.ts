// A port for a process that is told where to listen. Below 32768, where no system takes ports for outgoing connections or for
// `listen(0)` (RFC 6335 section 6 begins at 49152, Linux at 32768), so nothing takes it between the look and the use.
import { createServer } from 'node:net'

const FIRST = 20_000
const COUNT = 12_000

let next = Math.floor(Math.random() * COUNT)

/** A port of 127.0.0.1 at which nobody listens; never the same twice in a process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    const port = FIRST + next
    next = (next + 1) % COUNT
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
