// Writes into the audit what a worker that died leaves behind: with `audit.required`, a line for each call that was
// admitted and has no end, so that every call that may have reached its server has one.

import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { Settings } from '../core/settings.ts'
import { auditOfWorker } from '../core/settings-audit.ts'
import { openAuditChainOf } from '../gateway/open-audit-chain.ts'
import { createAudit } from '../observe/audit.ts'
import type { Logger } from '../observe/log.ts'
import type { WorkerDeath } from './place.ts'
import { createLineWriter, type LineWriter } from './relay.ts'

export interface DeathRecords {
  /** The primary's output of audit lines. Those of workers and these are written one after the other. */
  readonly stdout: LineWriter
  /** The folder for the calls under way; undefined where nobody needs to know them. */
  readonly callsFolder: string | undefined
  write(death: WorkerDeath): void
  /** Opens the file of the audit again by its name; throws where it cannot. */
  reopen(): void
  failures(): number
  close(): Promise<void>
}

/** The primary's own place, where each process has a file of its own. */
const PRIMARY = 0

/** Throws where the file of the audit cannot be written. */
export async function createDeathRecords(
  { audit: all, limits }: Settings,
  log: Logger,
  generation: () => number,
): Promise<DeathRecords> {
  const own = auditOfWorker(all, PRIMARY)
  const { file, required } = own
  const stdout = createLineWriter(1)
  if (!required) {
    const nothing = { write() {}, reopen() {}, failures: () => 0, close: async () => undefined }
    return { stdout, callsFolder: undefined, ...nothing }
  }
  let last = Promise.resolve()
  const toStdout = (line: string) => {
    last = stdout.write(Buffer.from(line))
  }
  const isStdout = file === 'stdout'
  const audit = createAudit({
    file,
    required,
    ...limits,
    generation,
    chain: await openAuditChainOf(own, isStdout, log),
    ...(isStdout ? { sink: { write: toStdout } } : {}),
  })
  return {
    stdout,
    callsFolder: isStdout ? tmpdir() : dirname(file),
    write({ worker, pid, how, openCalls }) {
      const detail = `worker ${worker} (process ${pid}) ended: ${how}`
      for (const requestId of openCalls)
        audit.event({ event: 'worker_died', actor: 'gateway', reason: 'worker_died', requestId, detail })
    },
    reopen: () => audit.reopen(),
    failures: () => audit.failures,
    async close() {
      await last
      await audit.close()
    },
  }
}
