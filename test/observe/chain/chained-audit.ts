// A chained audit in a folder of its own, for tests that write, rotate, damage and verify one.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AnchorSettings } from '../../../src/core/settings-audit.ts'
import { type Audit, createAudit } from '../../../src/observe/audit.ts'
import { openAuditChain } from '../../../src/observe/chain/audit-chain.ts'
import { createLog } from '../../../src/observe/log.ts'
import { type VerifiedAudit, verifyAudit } from '../../../src/observe/verify/verify.ts'

export interface ChainedFolder {
  readonly folder: string
  readonly file: string
  readonly anchor: string
  /** Lines of the process log. */
  readonly log: Record<string, unknown>[]
  open(options?: { readonly required?: boolean; readonly anchor?: AnchorSettings }): Audit
  key(): KeyObject
  /** By default the audit file, against the anchor. */
  verify(files?: readonly string[], isPartial?: boolean): Promise<VerifiedAudit>
}

export function chainedFolder(): ChainedFolder {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-chain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [file, anchor, key] = ['audit.jsonl', 'anchor.jsonl', 'audit.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const log: Record<string, unknown>[] = []
  const output = { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) }
  const publicKey = () => createPublicKey(readFileSync(`${key}.pub`, 'utf8'))
  return {
    ...{ folder, file, anchor, log },
    open: ({ required = true, anchor: place = { file: anchor } } = {}) =>
      createAudit({
        ...{ file, required, sharePerCaller: 1, generation: () => 1 },
        chain: openAuditChain({ file, settings: { key, anchor: place }, log: createLog('info', output) }),
      }),
    key: publicKey,
    verify: (files = [file], isPartial = false) =>
      verifyAudit({ files, keys: [publicKey()], anchors: [anchor], isPartial }),
  }
}

export function eventOf(number: number) {
  return { event: 'tested', actor: `person ${number}`, detail: 'ü'.repeat(number % 7) }
}

export function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}
