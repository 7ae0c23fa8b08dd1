// A chain whose lines are cut by a full disk, or do not come to it at all: what is in the file fits together all the same.
import { createPublicKey } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { checkpointLine, signedLine } from '../../../src/observe/chain/checkpoint.ts'
import { createLineChain, newChain } from '../../../src/observe/chain/line-chain.ts'
import { createForeignBytes } from '../../../src/observe/chain/link.ts'
import { openCheckpointKey } from '../../../src/observe/chain/signing-key.ts'
import { verifyAudit } from '../../../src/observe/verify/verify.ts'

/** Each number: how much of a line came to the disk, in hundredths. */
const writes = fc.array(fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 99 })), { maxLength: 12 })

test('F06 lines that were cut are vouched for by the next one, and leave no gap', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-cut-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const key = openCheckpointKey(join(folder, 'audit.key'))
  const publicKey = createPublicKey(readFileSync(join(folder, 'audit.key.pub'), 'utf8'))
  const file = join(folder, 'audit.jsonl')
  await fc.assert(
    fc.asyncProperty(writes, async (parts) => {
      const chain = createLineChain(newChain(createForeignBytes()))
      const checkpoint = () =>
        chain.add(
          checkpointLine({ why: 'interval', time: '2026-12-01T09:00:00.000Z', lost: 0 }, key),
          (linked) => signedLine(linked, key),
        )
      writeFileSync(file, checkpoint())
      for (const part of parts) {
        const bytes = Buffer.from(chain.add('{"stream":"audit","event":"tested","detail":"ü"}\n'))
        const written = bytes.subarray(0, Math.floor((bytes.length * part) / 100))
        appendFileSync(file, written)
        if (written.length < bytes.length) chain.takeBack(written)
      }
      appendFileSync(file, checkpoint())
      const { faults, chains } = await verifyAudit({
        ...{ files: [file], keys: [publicKey], anchors: undefined, isPartial: false },
      })
      expect(faults).toEqual([])
      expect(chains).toMatchObject([
        { lines: 2 + parts.filter((part) => part === 100).length, lastSeq: chain.seq },
      ])
    }),
    { numRuns: 100 },
  )
})
