// The checkpoints that were kept elsewhere, by chain and number. Only those that the given key signed count.
import type { KeyObject } from 'node:crypto'
import { isCheckpoint, isGenuine } from '../chain/checkpoint.ts'
import { lineDigest, readLink } from '../chain/link.ts'
import type { AuditFaults } from './fault.ts'
import { readRawLines } from './raw-lines.ts'

export interface AnchoredCheckpoint {
  readonly seq: number
  readonly digest: string
  /** ISO 8601, as the gateway said it. */
  readonly time: string
  readonly why: string
}

/** Of each chain, by the number of the line. */
export type AnchoredCheckpoints = ReadonlyMap<string, ReadonlyMap<number, AnchoredCheckpoint>>

/** Rejects where a file cannot be read. */
export async function readAnchored(
  files: readonly string[],
  keys: readonly KeyObject[],
  faults: AuditFaults,
): Promise<AnchoredCheckpoints> {
  const chains = new Map<string, Map<number, AnchoredCheckpoint>>()
  for (const file of files) {
    let number = 0
    await readRawLines(file, (bytes) => {
      number += 1
      const line = bytes.toString('utf8')
      const link = readLink(line)
      if (link === undefined || !isCheckpoint(link.members)) return // a line that was cut is written again whole
      if (!isGenuine(line, keys))
        return faults.add(file, number, 'an anchored checkpoint is not signed by the key')
      const { chain, seq } = link
      const kept = chains.get(chain) ?? new Map<number, AnchoredCheckpoint>()
      chains.set(chain, kept)
      const { time, why } = link.members
      const checkpoint = { seq, digest: lineDigest(bytes), time: String(time), why: String(why) }
      const other = kept.get(seq)
      if (other === undefined) kept.set(seq, checkpoint)
      else if (other.digest !== checkpoint.digest)
        faults.add(file, number, `the anchor has two different checkpoints at line ${seq} of chain ${chain}`)
    })
  }
  return chains
}
