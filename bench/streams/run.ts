// What an event stream costs beside HAProxy and nginx, in CPU for each MiB. Rounds are interleaved, and only ratios
// within a round mean something. `--other FOLDER` measures the gateway of another checkout in the same rounds.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createIssuer } from '../issuer.ts'
import { type Program, startProgram } from '../program.ts'
import { freePort } from '../scene.ts'
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

await main()

async function main(): Promise<void> {
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
    for (const kind of values.kinds.split(',')) await compareKind(subjects, kind)
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await issuer.close()
  }
}

async function compareKind(subjects: readonly StreamSubject[], kind: string): Promise<void> {
  const pace: Pace = { perSecond: values.slow ? SLOW_BYTES_PER_SECOND : undefined, tls: values.tls }
  const samples = subjects.map((): { ms: number; rate: number }[] => [])
  for (let round = -1; round < Number(values.rounds); round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const before = cpuMs(subject.program.pid)
      const { bytes, seconds } = await readStream(subject, `stream_${kind}_${values.mib}`, pace)
      const ms = (cpuMs(subject.program.pid) - before) / (bytes / MIB)
      if (round >= 0) samples[index]?.push({ ms, rate: bytes / MIB / seconds })
    }
  }
  const yardstick = samples[0] ?? []
  const way = `${values.tls ? ', TLS' : ''}${values.slow ? ', slow client' : ''}`
  console.log(`${kind}${way}: ${values.rounds} rounds of ${values.mib} MiB`)
  for (const [index, { name }] of subjects.entries()) {
    const own = samples[index] ?? []
    const ratio = median(own.map(({ ms }, round) => ms / (yardstick[round]?.ms ?? Number.NaN)))
    const [ms, rate] = [median(own.map((sample) => sample.ms)), median(own.map((sample) => sample.rate))]
    console.log(
      `  ${name.padEnd(12)} ${ms.toFixed(2).padStart(6)} ms/MiB ${ratio.toFixed(2).padStart(6)} × HAProxy ${rate.toFixed(0).padStart(5)} MiB/s`,
    )
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}
