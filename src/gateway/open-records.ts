// Opens where decisions and events are written down: the audit, its chain, its OCSF lines, the lines that a person watches, and
// the counts of refused sign-ins. What the file does not ask for is not loaded.
import type { MaybeAsync } from '../core/turn.ts'
import { type AccessLog, createAccessLog } from '../observe/access-log.ts'
import { type Audit, createAudit } from '../observe/audit.ts'
import type { Logger } from '../observe/log.ts'
import { createRefusalLines, type RefusalLines } from '../observe/refusal-lines.ts'
import { createDisplayNames } from './display-names.ts'
import type { Generation } from './generation.ts'
import { openAuditChainOf } from './open-audit-chain.ts'
import { openOcsf } from './open-ocsf.ts'
import type { ServingOptions } from './serving-options.ts'

export interface Records {
  readonly audit: Audit
  readonly refusals: RefusalLines
}

export interface RecordsParts {
  readonly log: Logger
  readonly generation: () => Generation
  /** Of the generation that serves, also before the first does. */
  readonly number: () => number
}

/** Adds each part that it opens to `opened`. Throws a sentence where a file cannot be written. */
export async function openRecords(
  options: ServingOptions,
  opened: (() => MaybeAsync<void>)[],
  { log, generation, number }: RecordsParts,
): Promise<Records> {
  const { settings, auditSink, openCalls } = options
  const accessLog = openAccessLog(options, generation)
  opened.push(() => accessLog?.close())
  const ocsf = await openOcsf(settings, log)
  const chain = await openAuditChainOf(settings.audit, auditSink !== undefined, log)
  const parts = { generation: number, sink: auditSink, openCalls, accessLog, chain, ocsf }
  const audit = createAudit({ ...settings.audit, ...settings.limits, ...parts })
  opened.push(() => audit.close())
  const refusals = createRefusalLines({ write: (event) => audit.event(event), now: () => Date.now() })
  opened.push(() => refusals.close())
  return { audit, refusals }
}

/** Undefined where nobody watches. */
function openAccessLog(
  { accessOutput, settings }: ServingOptions,
  generation: () => Generation,
): AccessLog | undefined {
  if (accessOutput === undefined) return undefined
  const names = createDisplayNames(() => generation().embedded?.server)
  return createAccessLog({ names, output: accessOutput, ...settings.limits })
}
