// Loaded into the demo's MCP server before the server itself (node --import): the server listens on a free loopback
// port instead of every interface, says which, and ends with the demo. It is the start of a process of its own,
// which is why it touches the process; the server's code stays as it was published.
import { writeSync } from 'node:fs'
import { type AddressInfo, Server } from 'node:net'
import { exit, stdin } from 'node:process'

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server

// SECURITY: the reference server has no authentication and a tool that shows its environment.
Server.prototype.listen = function onLoopback(this: Server, ...args: unknown[]): Server {
  this.once('listening', () => writeSync(1, `loopback port ${(this.address() as AddressInfo).port}\n`))
  const callbacks = args.filter((arg) => typeof arg === 'function')
  return listen.call(this, { host: '127.0.0.1', port: 0 }, ...callbacks)
}

// The demo holds the other end of this pipe, so a demo that was killed takes its server along.
stdin.on('end', () => exit(0)).resume()
