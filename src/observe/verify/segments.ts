// One file of a chained audit: whether each line fits to the one before, and which part of which chain it holds. How the
// parts of several files fit together is judged in verify.ts.
import type { KeyObject } from 'node:crypto'
import { isCheckpoint, isGenuine } from '../chain/checkpoint.ts'
import {
  createForeignBytes,
  type Foreign,
  GENESIS,
  lineDigest,
  type ReadLine,
  readLink,
} from '../chain/link.ts'
import type { AnchoredCheckpoints } from './anchored.ts'
import type { AuditFaults } from './fault.ts'
import { readRawLines } from './raw-lines.ts'

/** The lines of one chain in one file. */
export interface Segment {
  readonly chain: string
  readonly file: string
  /** The line of the file that begins it. */
  readonly line: number
  readonly firstSeq: number
  readonly firstPrev: string
  lastSeq: number
  lastDigest: string
  lastTime: string
  lines: number
  /** The last checkpoint in it that the key signed. */
  signed: SignedLine | undefined
}

export interface SignedLine {
  readonly seq: number
  /** ISO 8601, as the gateway said it. */
  readonly time: string
}

/** A line that was not finished, or what stood in a file before its chain began. */
export interface Cut {
  readonly file: string
  readonly line: number
  readonly bytes: number
  readonly chain: string
}

export interface ReadFile {
  readonly segments: readonly Segment[]
  readonly cuts: readonly Cut[]
  /** Bytes of an unfinished line at the end. */
  readonly unfinished: number
}

export interface ExpectedAudit {
  readonly keys: readonly KeyObject[]
  readonly anchored: AnchoredCheckpoints
  /** Told of each anchored checkpoint that is there as it was. */
  readonly onMatch: (chain: string, seq: number) => void
  readonly faults: AuditFaults
}

const LINE_BREAK = Buffer.from('\n')

/** Rejects where the file cannot be read or unpacked. */
export async function readSegments(file: string, expected: ExpectedAudit): Promise<ReadFile> {
  const { faults } = expected
  const segments = new Map<string, Segment>()
  const cuts: Cut[] = []
  let number = 0
  let foreign = createForeignBytes()
  let unfinished = 0
  await readRawLines(file, (bytes, isEnded) => {
    number += 1
    const text = bytes.toString('utf8')
    const link = readLink(text)
    if (link === undefined) {
      foreign.add(bytes)
      if (isEnded) foreign.add(LINE_BREAK)
      else unfinished = bytes.length
      return
    }
    const there = foreign.ended()
    if (!isSameForeign(link.foreign, there)) faults.add(file, number, wordsOfForeign(link.foreign))
    else if (there !== undefined) cuts.push({ file, line: number, bytes: there.bytes, chain: link.chain })
    if (there !== undefined) foreign = createForeignBytes()
    const digest = lineDigest(bytes)
    const segment = follow({ segments, file, number, link, digest }, faults)
    judgeCheckpoint({ file, number, text, isEnded, link, digest, segment }, expected)
  })
  const left = foreign.bytes - unfinished
  if (left > 0)
    faults.add(file, number, `${left} bytes at the end belong to no chain: lines were added, or changed`)
  return { segments: [...segments.values()], cuts, unfinished: left > 0 ? 0 : unfinished }
}

function isSameForeign(told: Foreign | undefined, there: Foreign | undefined): boolean {
  return told?.bytes === there?.bytes && told?.digest === there?.digest
}

function wordsOfForeign(told: Foreign | undefined): string {
  return told === undefined
    ? 'before this line stand bytes that belong to no chain: lines were added, or changed'
    : `before this line stood ${told.bytes} bytes of no chain, and they are not there as they were`
}

interface Placed {
  readonly file: string
  readonly number: number
  readonly link: ReadLine
  readonly digest: string
}

function follow(
  { segments, file, number, link, digest }: Placed & { readonly segments: Map<string, Segment> },
  faults: AuditFaults,
): Segment {
  const { chain, seq, prev } = link
  const lastTime = String(link.members['time'])
  const segment = segments.get(chain)
  if (segment === undefined) {
    if (seq === 1 && prev !== GENESIS)
      faults.add(file, number, 'the first line of a chain names one before it')
    const first = { firstSeq: seq, firstPrev: prev, lastSeq: seq, lastDigest: digest, lastTime }
    const begun = { chain, file, line: number, ...first, lines: 1, signed: undefined }
    segments.set(chain, begun)
    return begun
  }
  const why = whyBroken(segment.lastSeq, segment.lastDigest, seq, prev)
  if (why !== undefined) faults.add(file, number, `${why} (chain ${chain})`)
  segment.lastSeq = seq
  segment.lastDigest = digest
  segment.lastTime = lastTime
  segment.lines += 1
  return segment
}

/** Why a line does not follow another one; undefined when it does. */
export function whyBroken(
  lastSeq: number,
  lastDigest: string,
  seq: number,
  prev: string,
): string | undefined {
  if (seq > lastSeq + 1) return `lines ${lastSeq + 1} to ${seq - 1} are missing`
  if (seq <= lastSeq)
    return `line ${seq} stands behind line ${lastSeq}: the order was changed, or lines stand twice`
  return prev === lastDigest ? undefined : `line ${lastSeq} is not as it was when line ${seq} was written`
}

interface PlacedText extends Placed {
  readonly text: string
  /** Whether a line break stands behind it. */
  readonly isEnded: boolean
  readonly segment: Segment
}

function judgeCheckpoint(
  { file, number, text, isEnded, link, digest, segment }: PlacedText,
  { keys, anchored, onMatch, faults }: ExpectedAudit,
): void {
  const { chain, seq, members } = link
  if (isCheckpoint(members)) {
    if (isGenuine(text, keys)) segment.signed = { seq, time: String(members['time']) }
    else faults.add(file, number, 'a checkpoint is not signed by the key')
  }
  const kept = anchored.get(chain)?.get(seq)
  if (kept === undefined) return
  if (kept.digest === digest && isEnded) onMatch(chain, seq)
  else faults.add(file, number, `line ${seq} of chain ${chain} is not the checkpoint that was anchored`)
}
