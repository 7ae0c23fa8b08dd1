// The chain of a sink that writes in the background. Lines get their places when they are written, so that one that found
// no room leaves no gap; a checkpoint that is due goes behind them, and counts as written when they are.
import type { EventEmitter } from 'node:events'
import type { AuditChain } from './audit-chain.ts'
import type { CheckpointCause } from './checkpoint.ts'

export interface ChainedWrites {
  readonly isDue: boolean
  demand(why: CheckpointCause): void
  /** The lines, and a checkpoint where one is due. @param lost lines that could not be recorded so far */
  textOf(lines: readonly string[], lost: number): string
  /** All that was given is in the file. */
  written(fd: number): void
  /** Writes the last line of a file. It counts as written when the file is closed without a failure. */
  leave(file: Destination, why: CheckpointCause, lost: number): void
  /** Lines go on in another file. */
  moveTo(fd: number): void
}

type Destination = EventEmitter & { write(text: string): boolean }

export function createChainedWrites(chain: AuditChain): ChainedWrites {
  let due: CheckpointCause | undefined
  let given: string | undefined
  const checkpoint = (lost: number): string => {
    if (due === undefined) return ''
    given = chain.checkpoint(due, lost)
    due = undefined
    return given
  }
  return {
    get isDue() {
      return due !== undefined
    },
    demand(why) {
      due = why
    },
    textOf: (lines, lost) => lines.map((line) => chain.add(line)).join('') + checkpoint(lost),
    written(fd) {
      if (given !== undefined) chain.written(given, fd)
      given = undefined
    },
    leave(file, why, lost) {
      const line = chain.checkpoint(why, lost)
      let isWhole = true
      file
        .once('error', () => {
          isWhole = false
        })
        .once('close', () => {
          if (isWhole) chain.written(line)
        })
      file.write(line)
    },
    moveTo(fd) {
      given = undefined // it stands in the file that was left
      chain.moveTo(fd)
    },
  }
}
