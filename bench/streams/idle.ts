// What open streams cost that say nothing: resident memory for each and CPU a second, for the gateway beside HAProxy and
// nginx, one after the other. A process needs two file descriptors for each stream, and the loopback address has some
// 28,000 ports for each of the two sides.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import net, { type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { type Figure, record } from '../figures.ts'
import { createIssuer } from '../issuer.ts'
import { memory } from '../proc.ts'
import { startProgram } from '../program.ts'
import { headOf } from './client.ts'
import { cpuMs } from './cpu.ts'
import {
  type StreamScene,
  type StreamSubject,
  startGatewayFor,
  startHaproxyFor,
  startNginxFor,
} from './subjects.ts'

const NODE = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'node')
const AT_ONCE = 100
const KIB_PER_MIB = 1_024
/** Targets: of each stream, and of 1,000 of them. */
const MOST_KIB = 20
const MOST_MS = 2
/** Long enough that comments have begun on all of them. */
const SETTLE_MS = 5_000

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    subjects: { type: 'string', default: 'gateway,haproxy,nginx' },
    other: { type: 'string' },
  },
})

process.exitCode = await main(Number(values.streams), Number(values.seconds))

async function main(streams: number, seconds: number): Promise<number> {
  const descriptors = Number(execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
  if (descriptors < 2 * streams + 200) {
    console.log(
      `skipped: ${streams} streams need ${2 * streams + 200} file descriptors, and ulimit -n is ${descriptors}`,
    )
    return 0
  }
  const folder = join(import.meta.dirname, '..', '..', 'build', 'bench', 'idle')
  mkdirSync(folder, { recursive: true })
  const issuer = await createIssuer()
  const upstreamPort = await freePort()
  const script = join(import.meta.dirname, 'upstream.ts')
  const upstream = await startProgram(
    NODE,
    [script, `${upstreamPort}`],
    upstreamPort,
    join(folder, 'upstream.log'),
  )
  const scene: StreamScene = { folder, issuer, upstreamPort, streams: streams + 100, tls: false }
  try {
    const measured: Measured[] = []
    for (const name of values.subjects.split(',')) {
      const subject = await startSubject(scene, name)
      measured.push(await measure(subject, streams, seconds))
      await subject.program.stop()
    }
    return record('idle', figuresOf(streams, measured))
  } finally {
    await upstream.stop()
    await issuer.close()
  }
}

function startSubject(scene: StreamScene, name: string): Promise<StreamSubject> {
  if (name === 'haproxy') return startHaproxyFor(scene)
  if (name === 'nginx') return startNginxFor(scene)
  return startGatewayFor(scene, name, values.other && resolve(values.other))
}

interface Measured {
  readonly name: string
  readonly open: number
  /** KiB of each. */
  readonly each: number
  /** Milliseconds of CPU a second. */
  readonly perSecond: number
}

function figuresOf(streams: number, [own, ...others]: readonly Measured[]): readonly Figure[] {
  if (own === undefined) return []
  const beside = (of: (one: Measured) => number) => others.map((one) => ({ name: one.name, value: of(one) }))
  const count = streams.toLocaleString('en')
  return [
    { what: `of ${count} idle streams not open`, value: streams - own.open, unit: 'streams', limit: 0 },
    {
      what: `memory of an idle stream, of ${count}`,
      value: own.each,
      unit: 'KiB',
      limit: MOST_KIB,
      beside: beside(({ each }) => each),
    },
    {
      what: `CPU of idle streams, of ${count}, for each 1,000`,
      value: (own.perSecond * 1_000) / streams,
      unit: 'ms/s',
      limit: MOST_MS,
      beside: beside(({ perSecond }) => (perSecond * 1_000) / streams),
    },
  ]
}

async function measure(subject: StreamSubject, streams: number, seconds: number): Promise<Measured> {
  const { pid } = subject.program
  await pause(SETTLE_MS)
  const alone = await cpuPerSecond(pid, seconds / 2)
  const sockets = await openStreams(subject, AT_ONCE) // what the first ones cost is not counted
  await pause(1_000)
  const before = memory(pid).residentMiB
  const began = performance.now()
  sockets.push(...(await openStreams(subject, streams - AT_ONCE)))
  const opening = (performance.now() - began) / 1_000
  await pause(SETTLE_MS)
  const perSecond = await cpuPerSecond(pid, seconds)
  const each = ((memory(pid).residentMiB - before) * KIB_PER_MIB) / (streams - AT_ONCE)
  const open = sockets.filter(({ readyState }) => readyState === 'open').length
  console.log(
    `${subject.name.padEnd(10)} ${open} of ${streams} open in ${opening.toFixed(1)} s, ${each.toFixed(1)} KiB each, ${perSecond.toFixed(2)} ms/s of CPU (${alone.toFixed(2)} without), ${memory(pid).residentMiB.toFixed(0)} MiB`,
  )
  for (const socket of sockets) socket.destroy()
  await pause(500)
  return { name: subject.name, open, each, perSecond: Math.max(0, perSecond - alone) }
}

async function cpuPerSecond(pid: number, seconds: number): Promise<number> {
  const [cpu, from] = [cpuMs(pid), performance.now()]
  await pause(seconds * 1_000)
  return (cpuMs(pid) - cpu) / ((performance.now() - from) / 1_000)
}

async function openStreams(subject: StreamSubject, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  const head = headOf(subject, 'GET', 0)
  const refused = new Map<string, number>()
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () =>
      openOne(subject.port, head),
    )
    for (const { socket, status } of await Promise.all(some)) {
      if (status !== '200') refused.set(status, (refused.get(status) ?? 0) + 1)
      sockets.push(socket)
    }
  }
  for (const [status, times] of refused) console.log(`  ${subject.name}: ${times} times ${status}`)
  return sockets
}

function openOne(port: number, head: string): Promise<{ readonly socket: Socket; readonly status: string }> {
  const socket = net.connect({ port, host: '127.0.0.1' })
  socket.write(head)
  return new Promise((done) => {
    const end = (status: string) => {
      if (status !== '200') socket.destroy()
      done({ socket, status })
    }
    socket.once('data', (bytes: Buffer) => {
      end(bytes.toString('latin1').split(' ')[1] ?? '')
      socket.resume()
    })
    socket.on('error', (error) => end(error.message)).on('close', () => end('closed'))
  })
}
