// What an event stream costs beside HAProxy and nginx, in CPU for each MiB. Rounds are interleaved, and only ratios
// within a round mean something. `--other FOLDER` measures the gateway of another checkout in the same rounds.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { median } from '../compare.ts'
import { type Figure, record } from '../figures.ts'
import { createIssuer } from '../issuer.ts'
import { type Program, startProgram } from '../program.ts'
import { type Pace, readStream } from './client.ts'
import { cpuMs } from './cpu.ts'
import {
  type StreamScene,
  type StreamSubject,
  startGatewayFor,
  startHaproxyFor,
  startNginxFor,
  writeCertificate,
} from './subjects.ts'

const NODE = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'node')
const MIB = 1_048_576
/** Without ids of events; with them each is sealed, which is only measured. */
const MOST_TIMES = 2.5
const WORDS: Readonly<Record<string, string>> = {
  plain: 'events of 1 KiB',
  chunks: 'events of 1 KiB in chunks of their own',
  ids: 'events of 1 KiB with ids, which are sealed',
  words: 'events full of words that are looked for',
  escapes: 'events full of escapes',
}

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    kinds: { type: 'string', default: 'plain,chunks,ids,words,escapes' },
    other: { type: 'string' },
    tls: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
  },
})

/** Of a slow client: what a good home connection takes. */
const SLOW_BYTES_PER_SECOND = 24 * MIB

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = join(import.meta.dirname, '..', '..', 'build', 'bench', 'streams')
  mkdirSync(folder, { recursive: true })
  writeCertificate(folder)
  const issuer = await createIssuer()
  const upstreamPort = await freePort()
  const started: Program[] = []
  const start = async <T extends Program | StreamSubject>(starting: Promise<T>): Promise<T> => {
    const one = await starting
    started.push('program' in one ? one.program : one)
    return one
  }
  try {
    const script = join(import.meta.dirname, 'upstream.ts')
    await start(startProgram(NODE, [script, `${upstreamPort}`], upstreamPort, join(folder, 'upstream.log')))
    const scene: StreamScene = { folder, issuer, upstreamPort, streams: 100, tls: values.tls }
    const subjects = [
      await start(startHaproxyFor(scene)),
      await start(startNginxFor(scene)),
      await start(startGatewayFor(scene, 'Portcullis')),
    ]
    if (values.other !== undefined)
      subjects.push(await start(startGatewayFor(scene, 'other', resolve(values.other))))
    const figures: Figure[] = []
    for (const kind of values.kinds.split(',')) figures.push(await compareKind(subjects, kind))
    return record(values.tls ? 'streams-tls' : values.slow ? 'streams-slow' : 'streams', figures)
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await issuer.close()
  }
}

async function compareKind(subjects: readonly StreamSubject[], kind: string): Promise<Figure> {
  const pace: Pace = { perSecond: values.slow ? SLOW_BYTES_PER_SECOND : undefined, tls: values.tls }
  const samples = subjects.map((): number[] => [])
  const rates = subjects.map((): number[] => [])
  for (let round = -1; round < Number(values.rounds); round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const before = cpuMs(subject.program.pid)
      const { bytes, seconds } = await readStream(subject, `stream_${kind}_${values.mib}`, pace)
      const ms = (cpuMs(subject.program.pid) - before) / (bytes / MIB)
      if (round < 0) continue // its code is compiled
      samples[index]?.push(ms)
      rates[index]?.push(bytes / MIB / seconds)
    }
  }
  const [haproxy = []] = samples
  const how = `${values.tls ? ', TLS' : ''}${values.slow ? ', slow client' : ''}`
  console.log(`${kind}${how}: ${values.rounds} rounds of ${values.mib} MiB`)
  for (const [index, { name }] of subjects.entries()) {
    const [ms, rate] = [median(samples[index] ?? []), median(rates[index] ?? [])]
    console.log(
      `  ${name.padEnd(12)} ${ms.toFixed(2).padStart(6)} ms/MiB ${rate.toFixed(0).padStart(5)} MiB/s`,
    )
  }
  const [, nginx = [], own = []] = samples
  return {
    what: `CPU of an event stream, ${WORDS[kind] ?? kind}${how}`,
    value: median(own.map((ms, round) => ms / (haproxy[round] ?? Number.NaN))),
    unit: 'times HAProxy',
    ...(kind === 'ids' ? {} : { limit: MOST_TIMES }),
    own: { value: median(own), unit: 'ms/MiB' },
    beside: [
      { name: 'HAProxy', value: median(haproxy) },
      { name: 'nginx', value: median(nginx) },
    ],
  }
}
