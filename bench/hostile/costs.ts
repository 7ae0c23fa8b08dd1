// What one request of each kind costs the gateway: how long its event loop is busy with it, alone on an idle process.
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ANSWER_KINDS, type AnswerKind } from './answers.ts'
import { BODY_KINDS } from './bodies.ts'
import { HEAD_KINDS, type HeadKind } from './heads.ts'
import { type HostileScene, startHostileScene } from './scene.ts'

/** The default of `limits.body`. */
const BODY_BYTES = 1024 * 1024
export const LIMIT_MS = 50
const WAIT_MS = 20_000
const SETTLE_MS = 30
const ROUNDS = 4
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const TOOLS = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'

interface Cost {
  readonly kind: string
  readonly ms: number
  /** The longest that anybody else had to wait meanwhile. */
  readonly longest: number
  readonly answered: string
}

/** True when nothing that a client sends costs more than the limit. */
export async function measureCosts(): Promise<boolean> {
  const scene = await startHostileScene()
  try {
    const plain = request(scene, { name: 'plain', lines: ['Authorization: Bearer TOKEN'] })
    for (let warm = 0; warm < 50; warm += 1) await exchange(scene, plain)
    const clients: Cost[] = []
    for (const { name, make } of BODY_KINDS) {
      const lines = ['Authorization: Bearer TOKEN']
      clients.push(await costOf(scene, `body: ${name}`, request(scene, { name, lines }, make(BODY_BYTES))))
    }
    for (const { name, make } of BODY_KINDS.filter((kind) => kind.name.startsWith('a batch'))) {
      clients.push(
        await costOf(
          scene,
          `without a token: ${name}`,
          request(scene, { name, lines: [] }, make(BODY_BYTES)),
        ),
      )
    }
    for (const kind of HEAD_KINDS)
      clients.push(await costOf(scene, `head: ${kind.name}`, request(scene, kind)))
    print('one request of a client, of 1 MiB where it has a body', clients)
    const answers: Cost[] = []
    for (const kind of ANSWER_KINDS) answers.push(await answerCost(scene, kind))
    print('one answer of an upstream, as large as its kind may be', answers)
    return clients.every(({ ms }) => ms <= LIMIT_MS)
  } finally {
    await scene.close()
  }
}

async function answerCost(scene: HostileScene, kind: AnswerKind): Promise<Cost> {
  const body = kind.make()
  scene.respond = (response) => {
    response.writeHead(200, { 'content-type': kind.type, 'content-length': body.length }).end(body)
  }
  const lines = ['Authorization: Bearer TOKEN']
  const cost = await costOf(scene, kind.name, request(scene, { name: kind.name, lines }, Buffer.from(TOOLS)))
  scene.respond = undefined
  return cost
}

/** The least of several: what the machine does beside it only ever adds. */
async function costOf(scene: HostileScene, kind: string, bytes: Buffer): Promise<Cost> {
  let [ms, longest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let answered = ''
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await scene.look()
    answered = await exchange(scene, bytes)
    await pause(SETTLE_MS)
    const after = await scene.look()
    ms = Math.min(ms, after.busy - before.busy)
    longest = Math.min(longest, after.longest)
  }
  return { kind, ms, longest, answered }
}

function request(
  { host, path, token }: HostileScene,
  kind: HeadKind,
  body: Buffer = Buffer.from(kind.body ?? PING),
): Buffer {
  const head = [
    `POST ${kind.path ?? path}${kind.query ?? ''} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Content-Length: ${body.length}`,
    ...kind.lines.map((line) => line.replace('TOKEN', token)),
    ...(kind.lines.some((line) => line.startsWith('Connection:')) ? [] : ['Connection: close']),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

/** The status of the answer, once all of it has come. */
function exchange({ port }: HostileScene, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let head = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setTimeout(WAIT_MS, () => socket.destroy())
    socket.on('data', (data) => {
      if (head === '') head = data.toString('latin1', 0, 20)
    })
    socket.on('error', () => {}) // it was refused before all was written
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 'closed'))
  })
}

function print(title: string, costs: readonly Cost[]): void {
  const rows = [...costs].sort((one, other) => other.ms - one.ms)
  console.log(`\n${title}: milliseconds of the event loop, and the longest wait\n`)
  for (const { kind, ms, longest, answered } of rows) {
    const over = ms > LIMIT_MS ? `   over ${LIMIT_MS} ms` : ''
    console.log(
      `${ms.toFixed(1).padStart(8)} ${longest.toFixed(1).padStart(8)}  ${answered.padEnd(6)}  ${kind}${over}`,
    )
  }
  console.log(`\nworst: ${rows[0]?.kind}, ${rows[0]?.ms.toFixed(1)} ms`)
}
