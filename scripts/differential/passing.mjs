// Event streams through the whole judgement of an answer, cut in every way: the gateway passes on what an earlier version
// did, which split and judged every event, piece for piece, and knows the same in the end. The earlier version is read
// from the repository's own history.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { judged, KINDS } from './passing/answer.mjs'
import { eventStreamsFrom } from './passing/generate.mjs'
import { randomFrom } from './random.mjs'

const ROOT = join(import.meta.dirname, '..', '..')
/** The last version that judged every event. */
const EARLIER = '83f0c3c48026'
/** So many streams are cut in two at every byte; those behind them at some. */
const CUT_EVERYWHERE = 60
const MAX_SHOWN = 10

export async function comparePassing({ count, seed }) {
  const folder = join(ROOT, 'build', 'differential', EARLIER)
  if (!hasEarlier(folder)) {
    console.log(`left out: the history has no commit ${EARLIER}`)
    return 0
  }
  const [earlier, now] = [await readerIn(join(folder, 'src')), await readerIn(join(ROOT, 'src'))]
  const next = eventStreamsFrom(seed)
  const random = randomFrom(seed + 1)
  const totals = { streams: 0, events: 0, cuts: 0, wrong: 0 }
  while (totals.events < count) {
    const { bytes, events } = next()
    const kind = KINDS[Math.floor(random() * KINDS.length)]
    const ways = totals.streams < CUT_EVERYWHERE ? everyCut(bytes) : [[], someCuts(bytes, random)]
    totals.streams += 1
    totals.events += events
    totals.cuts += ways.length
    for (const cuts of ways) compare(earlier, now, { kind, cuts, bytes }, totals)
  }
  console.log(
    `${totals.events} events in ${totals.streams} streams, cut in ${totals.cuts} ways: ${totals.wrong} wrong`,
  )
  return totals.wrong
}

function hasEarlier(folder) {
  if (existsSync(join(folder, 'src'))) return true
  try {
    const archive = execFileSync('git', ['archive', EARLIER, 'src'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    mkdirSync(folder, { recursive: true })
    execFileSync('tar', ['x', '-C', folder], { input: archive })
    return true
  } catch {
    return false
  }
}

/** The parts of one version that judge and pass on. */
async function readerIn(folder) {
  const files = [
    'exchange/body-filter',
    'exchange/passing', // its name in earlier versions
    'exchange/review',
    'exchange/large-answers',
    'mcp/open-requests',
    'exchange/output-room',
  ]
  const found = files.map((name) => join(folder, `${name}.ts`)).filter(existsSync)
  const modules = await Promise.all(found.map((path) => import(pathToFileURL(path).href)))
  return Object.assign({}, ...modules)
}

function compare(earlier, now, { kind, cuts, bytes }, totals) {
  const edges = [0, ...cuts, bytes.length]
  const pieces = edges.slice(1).map((to, index) => bytes.subarray(edges[index], to))
  const [before, after] = [earlier, now].map((reader) => JSON.stringify(judged(reader, kind, pieces)))
  if (before === after) return
  totals.wrong += 1
  if (totals.wrong <= MAX_SHOWN)
    console.log(
      `${kind}, cut at ${cuts}: ${JSON.stringify(bytes.toString())}\n  before ${before}\n  now    ${after}`,
    )
}

function everyCut(bytes) {
  const all = Array.from({ length: bytes.length }, (_, at) => at)
  return [[], all, ...all.map((at) => [at])]
}

function someCuts(bytes, random) {
  const cuts = Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * bytes.length))
  return cuts.sort((a, b) => a - b)
}
