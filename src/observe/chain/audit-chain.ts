// The chain of one audit: where it goes on, its checkpoints, the key that signs them, and the place that keeps them. The
// sink that writes the lines asks it for each.
import { appendFileSync, existsSync, fdatasync, fstatSync, realpathSync } from 'node:fs'
import type { ChainSettings } from '../../core/settings-audit.ts'
import { lockFile } from '../../lib/file-lock.ts'
import { writing } from '../../lib/unwritable-path.ts'
import type { Logger } from '../log.ts'
import { type Anchor, type AnchorCounts, createAnchor } from './anchor.ts'
import { anchorPlaceOf } from './anchor-places.ts'
import { type CheckpointCause, checkpointLine, signedLine } from './checkpoint.ts'
import { createLineChain, type LineChain, newChain } from './line-chain.ts'
import { createForeignBytes } from './link.ts'
import { openCheckpointKey } from './signing-key.ts'
import { bytesOfFile, readTail } from './tail.ts'

/** What a sink asks of a chain. */
export interface AuditChain extends Pick<LineChain, 'add' | 'takeBack'> {
  /** A signed line, with the line break behind it, which stands behind all that was added. */
  checkpoint(why: CheckpointCause, lost: number): string
  /** The checkpoint was written, and goes to the anchor when it is on the disk; without `fd` it is there. */
  written(checkpoint: string, fd?: number): void
  /** Lines go on in another file, which is open. */
  moveTo(fd: number): void
  /** Undefined where checkpoints are kept nowhere else. */
  readonly anchored: Readonly<AnchorCounts> | undefined
  close(): Promise<void>
}

export interface AuditChainOptions {
  /** `stdout`, or a path. */
  readonly file: string
  readonly settings: ChainSettings
  readonly log: Logger
}

/** Throws a sentence where another process writes the file, or the key cannot be used. */
export function openAuditChain({ file, settings, log }: AuditChainOptions): AuditChain {
  const key = openCheckpointKey(settings.key)
  const unlock = file === 'stdout' ? undefined : lock(file)
  try {
    const chain = file === 'stdout' ? createLineChain(newChain(createForeignBytes())) : goOn(file, log)
    log.info(
      { event: 'audit_chain', file, chain: chain.id, seq: chain.seq, key: key.id },
      'audit lines are a chain',
    )
    const place = settings.anchor === undefined ? undefined : anchorPlaceOf(settings.anchor)
    const anchor = place && createAnchor({ ...place, log })
    return compose({ file, chain, key, unlock, anchor, closePlace: () => place?.close() })
  } catch (error) {
    unlock?.()
    throw error
  }
}

/** One writer for each file, also by another name of it. */
function lock(file: string): () => void {
  const path = existsSync(file) ? realpathSync(file) : file
  const unlock = writing('audit.file', path, () => lockFile(`${path}.lock`))
  if (unlock === undefined)
    throw new Error(`audit.file: another gateway writes ${file}; give each gateway a file of its own`)
  return unlock
}

/** The chain that the file ends with. Says where its last line was cut. */
function goOn(file: string, log: Logger): LineChain {
  writing('audit.file', file, () => appendFileSync(file, '', { mode: 0o600 }))
  const { end, cutAt, isNew, lacksLineBreak } = readTail(file)
  if (lacksLineBreak) writing('audit.file', file, () => appendFileSync(file, '\n'))
  const { bytes } = end.foreign
  const where = { file, at: cutAt, bytes, chain: end.chain, seq: end.seq }
  if (bytes > 0 && isNew)
    log.warn({ event: 'audit_unchained', file, bytes }, 'what stands in the audit file so far is of no chain')
  else if (bytes > 0)
    log.warn(
      { event: 'audit_cut', ...where },
      'the audit was cut in a line; its chain goes on from the last whole one',
    )
  return createLineChain(end)
}

interface Parts {
  readonly file: string
  readonly chain: LineChain
  readonly key: ReturnType<typeof openCheckpointKey>
  readonly unlock: (() => void) | undefined
  readonly anchor: Anchor | undefined
  readonly closePlace: () => Promise<void> | undefined
}

function compose({ file, chain, key, unlock, anchor, closePlace }: Parts): AuditChain {
  let last = Promise.resolve()
  return {
    add: chain.add,
    takeBack: chain.takeBack,
    checkpoint(why, lost) {
      const facts = { why, lost, time: new Date().toISOString() }
      return chain.add(checkpointLine(facts, key), (linked) => signedLine(linked, key))
    },
    written(checkpoint, fd) {
      if (anchor === undefined) return
      const synced = fd === undefined ? Promise.resolve(true) : onDisk(fd)
      last = last.then(async () => {
        if (await synced) anchor.keep(checkpoint.trim())
      })
    },
    moveTo: (fd) => chain.moveBehind(fstatSync(fd).size === 0 ? createForeignBytes() : bytesOfFile(file)),
    get anchored() {
      return anchor?.counts
    },
    async close() {
      await last
      await anchor?.close()
      await closePlace()
      unlock?.()
    },
  }
}

/** So that no power cut takes away what an anchor vouches for. A pipe or a terminal has no disk. */
function onDisk(fd: number): Promise<boolean> {
  return new Promise((resolve) => {
    fdatasync(fd, (error) => resolve(error === null || error.code === 'EINVAL' || error.code === 'ENOTSUP'))
  })
}
