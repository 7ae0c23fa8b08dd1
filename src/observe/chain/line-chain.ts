// The chain of one writer: gives each line its place, and takes a place back where the line was not written. Knows nothing
// of files, and signs only what it is asked to.
import { randomBytes } from 'node:crypto'
import { createForeignBytes, type ForeignBytes, GENESIS, lineDigest, linkedLine } from './link.ts'

/** Where a chain goes on. */
export interface ChainEnd {
  readonly chain: string
  /** Of the last line; 0 before the first. */
  readonly seq: number
  /** Of the last line. */
  readonly digest: string
  /** What stands behind it in the file. */
  readonly foreign: ForeignBytes
}

const ID_BYTES = 16

/** @param foreign what stands in the file already */
export function newChain(foreign: ForeignBytes): ChainEnd {
  return { chain: randomBytes(ID_BYTES).toString('base64url'), seq: 0, digest: GENESIS, foreign }
}

export interface LineChain {
  readonly id: string
  /** Of the last line. */
  readonly seq: number
  /**
   * Returns the line with its place, and a line break; before it another, where something unfinished stands.
   * @param line one JSON object and a line break
   * @param seal adds to the linked line before its digest is taken
   */
  add(line: string, seal?: (linked: string) => string): string
  /** What was added last is not in the file; `written` is what of it came there. */
  takeBack(written: Uint8Array): void
  /** The next line stands in another file, behind these bytes. */
  moveBehind(foreign: ForeignBytes): void
}

export function createLineChain(end: ChainEnd): LineChain {
  const { chain } = end
  let { seq, digest, foreign } = end
  let before = { digest, foreign }
  return {
    id: chain,
    get seq() {
      return seq
    },
    add(line, seal) {
      const lineBreak = foreign.endsLine ? '' : '\n'
      const linked = linkedLine(line, { chain, seq: seq + 1, prev: digest, foreign: foreign.ended() })
      const sealed = seal === undefined ? linked : seal(linked)
      before = { digest, foreign }
      seq += 1
      digest = lineDigest(sealed)
      if (foreign.bytes > 0) foreign = createForeignBytes()
      return `${lineBreak}${sealed}\n`
    },
    takeBack(written) {
      seq -= 1
      ;({ digest, foreign } = before)
      foreign.add(written)
    },
    moveBehind(standing) {
      foreign = standing
    },
  }
}
