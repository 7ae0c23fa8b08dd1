// Verifies a chained audit: each line against the one before, the parts in several files against each other, checkpoints
// against the public key, and all of it against the checkpoints that were kept elsewhere. The order of files does not matter.
import type { KeyObject } from 'node:crypto'
import { type AnchoredCheckpoint, type AnchoredCheckpoints, readAnchored } from './anchored.ts'
import { type AuditFault, type AuditFaults, createAuditFaults } from './fault.ts'
import { type Cut, readSegments, type Segment, type SignedLine, whyBroken } from './segments.ts'

export interface VerifyOptions {
  readonly files: readonly string[]
  readonly keys: readonly KeyObject[]
  /** Undefined where nothing was kept elsewhere. */
  readonly anchors: readonly string[] | undefined
  /** Files from before are gone on purpose: a chain may go on behind an anchored rotation, and whole chains may be absent. */
  readonly isPartial: boolean
}

export interface VerifiedChain {
  readonly chain: string
  readonly lines: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** ISO 8601, of the last line, as the gateway said it. */
  readonly lastTime: string
  /** The last line that an anchored checkpoint vouches for, and when; undefined where there is none. */
  readonly anchored: SignedLine | undefined
  /** The last checkpoint in the files that the key signed. */
  readonly signed: SignedLine | undefined
}

export interface VerifiedAudit {
  readonly chains: readonly VerifiedChain[]
  readonly faults: readonly AuditFault[]
  /** Also of those that are not among `faults`. */
  readonly faultCount: number
  readonly cuts: readonly Cut[]
  /** What is no damage, and somebody should know. */
  readonly notes: readonly string[]
}

export async function verifyAudit(options: VerifyOptions): Promise<VerifiedAudit> {
  const { files, keys, anchors, isPartial } = options
  const faults = createAuditFaults()
  const notes: string[] = []
  const anchored = await readAnchored(anchors ?? [], keys, faults)
  const matched = new Map<string, Set<number>>()
  const onMatch = (chain: string, seq: number) => {
    const seen = matched.get(chain) ?? new Set()
    matched.set(chain, seen.add(seq))
  }
  const segments: Segment[] = []
  const cuts: Cut[] = []
  const unfinished = new Map<string, number>()
  for (const file of new Set(files)) {
    const read = await readOrTell(file, { keys, anchored, onMatch, faults })
    segments.push(...read.segments)
    cuts.push(...read.cuts)
    if (read.unfinished > 0) unfinished.set(file, read.unfinished)
  }
  const byChain = Map.groupBy(segments, ({ chain }) => chain)
  const judging = { anchored, isPartial, faults, notes, unfinished }
  for (const [chain, parts] of byChain) {
    joinParts(chain, parts, judging)
    if (parts.every(({ signed }) => signed === undefined))
      faults.add('', 0, `no checkpoint of chain ${chain} is signed by the key`)
  }
  for (const [chain, kept] of anchored)
    findAbsent(chain, kept, { ...judging, matched, parts: byChain.get(chain) })
  if (anchors !== undefined && isPartial)
    for (const chain of byChain.keys())
      if (!anchored.has(chain)) faults.add('', 0, `chain ${chain} is not known to the anchor`)
  const chains = [...byChain].map(([chain, parts]) => summaryOf(chain, parts, anchored, matched.get(chain)))
  return { chains, faults: faults.told, faultCount: faults.count, cuts, notes }
}

async function readOrTell(file: string, expected: Parameters<typeof readSegments>[1]) {
  try {
    return await readSegments(file, expected)
  } catch (error) {
    const why = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : 'unreadable'
    expected.faults.add(file, 0, `cannot be read whole (${why})`)
    return { segments: [], cuts: [], unfinished: 0 }
  }
}

interface Judging {
  readonly anchored: AnchoredCheckpoints
  readonly isPartial: boolean
  readonly faults: AuditFaults
  readonly notes: string[]
  /** Bytes of unfinished lines, by file. */
  readonly unfinished: ReadonlyMap<string, number>
}

/** How the parts of a chain in several files fit together. */
function joinParts(chain: string, parts: Segment[], judging: Judging): void {
  const { faults, notes, unfinished } = judging
  parts.sort((one, other) => one.firstSeq - other.firstSeq)
  const [first] = parts
  if (first !== undefined && first.firstSeq > 1) judgeBeginning(first, judging)
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const bytes = unfinished.get(part.file)
    const words = `ends in a line that was not finished (${bytes} bytes)`
    if (bytes !== undefined && next !== undefined) faults.add(part.file, 0, words)
    else if (bytes !== undefined) notes.push(`${part.file} ${words}`)
    const why = next && whyBroken(part.lastSeq, part.lastDigest, next.firstSeq, next.firstPrev)
    if (next !== undefined && why !== undefined) faults.add(next.file, next.line, `${why} (chain ${chain})`)
  }
}

function judgeBeginning({ chain, file, line, firstSeq, firstPrev }: Segment, judging: Judging): void {
  const { anchored, isPartial, faults, notes } = judging
  const before = anchored.get(chain)?.get(firstSeq - 1)
  const isBoundary = before?.why === 'rotation' && before.digest === firstPrev
  if (isPartial && isBoundary)
    notes.push(
      `lines 1 to ${firstSeq - 1} of chain ${chain} were not given; they ended at the rotation of ${before.time}`,
    )
  else faults.add(file, line, `lines 1 to ${firstSeq - 1} are missing (chain ${chain})`)
}

interface Absence extends Judging {
  readonly matched: ReadonlyMap<string, ReadonlySet<number>>
  readonly parts: readonly Segment[] | undefined
}

/** Anchored checkpoints that are in no file. */
function findAbsent(chain: string, kept: ReadonlyMap<number, AnchoredCheckpoint>, absence: Absence): void {
  const { matched, parts, isPartial, faults, notes } = absence
  const from = isPartial ? (parts?.[0]?.firstSeq ?? Number.POSITIVE_INFINITY) : 1
  const seen = matched.get(chain)
  const absent = [...kept.values()].filter(({ seq }) => seq >= from && seen?.has(seq) !== true)
  const last = absent.reduce((newest, one) => (one.seq > newest ? one.seq : newest), 0)
  if (absent.length > 0)
    faults.add(
      '',
      0,
      `${absent.length} anchored checkpoints of chain ${chain} are in no file, the last at line ${last}`,
    )
  if (isPartial && parts === undefined) notes.push(`chain ${chain} is anchored, and in none of these files`)
}

function summaryOf(
  chain: string,
  parts: readonly Segment[],
  anchored: AnchoredCheckpoints,
  matched: ReadonlySet<number> | undefined,
): VerifiedChain {
  const [first, last] = [parts[0] as Segment, parts.at(-1) as Segment]
  const seq = [...(matched ?? [])].reduce((newest, one) => Math.max(newest, one), 0)
  const checkpoint = anchored.get(chain)?.get(seq)
  return {
    chain,
    lines: parts.reduce((sum, { lines }) => sum + lines, 0),
    firstSeq: first.firstSeq,
    lastSeq: last.lastSeq,
    lastTime: last.lastTime,
    anchored: checkpoint && { seq, time: checkpoint.time },
    signed: parts.findLast(({ signed }) => signed !== undefined)?.signed,
  }
}
