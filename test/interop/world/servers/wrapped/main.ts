// A server on standard streams behind a published program that serves it over HTTP. Arguments: which program, the command of
// the server, and the port. Prints `ready` when the port answers, and `cancelled` when the server says so on its error stream.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { programOf } from '../../../harness/packages.ts'
import { CANCELLED } from '../../contract.ts'

const [wrapper = '', ...rest] = process.argv.slice(2)
const port = rest.pop() ?? ''

const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  supergateway: [
    ...['--stdio', rest.join(' '), '--outputTransport', 'streamableHttp', '--stateful'],
    ...['--port', port, '--logLevel', 'info'],
  ],
  'mcp-proxy': ['--port', port, '--host', '127.0.0.1', '--server', 'stream', '--', ...rest],
}

const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
  process.execPath,
  [programOf(wrapper, wrapper), ...(WRAPPERS[wrapper] ?? [])],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
for (const input of [child.stdout, child.stderr])
  createInterface({ input }).on('line', (line) => {
    if (line.endsWith(CANCELLED)) console.log(CANCELLED)
    else console.error(line)
  })
child.once('exit', (code) => process.exit(code ?? 1))
while (!(await answers())) await delay(100)
console.log('ready')

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
