// The generation that serves now, and how a reload puts another in its place: the new one is built and probed beside it,
// one step swaps them, and the old one is retired until its last request has ended. What outlives a reload is in
// durable-state.ts.
import { isDeepStrictEqual } from 'node:util'
import type { AuditEvent, LoadCause } from '../core/audit-event.ts'
import type { Settings } from '../core/settings.ts'
import { inTime } from '../lib/in-time.ts'
import { createTurns } from '../lib/turns.ts'
import type { Logger } from '../observe/log.ts'
import { policiesDigest, policyChanges } from '../policy/reload-changes.ts'
import type { Generation } from './generation.ts'

/** How long a start or a reload waits for issuers; one that is down is asked again when a token needs it. */
const PROBE_MS = 4_000

export interface CurrentGeneration {
  /** The settings that serve now. */
  readonly settings: () => Settings
  /** Keys whose value in these settings takes effect at the next start only. */
  readonly restartNeeded: () => readonly string[]
  readonly generation: () => Generation
  /** Serves other settings from the next request on. A reload that comes during another begins after it. */
  reload(settings: Settings, cause: LoadCause): Promise<void>
  /** Reads again the files that the settings name, and says nothing of whether these are what the file of the configuration says. */
  refresh(cause: LoadCause): Promise<void>
  /** Reloads in two steps, for several processes that have to agree. Rejects where the settings cannot be used. */
  stage(settings: Settings): Promise<StagedReload>
  /**
   * Ends reloading, and reports the process as not ready. Returns every generation that has requests; the caller closes
   * them.
   */
  end(): readonly Generation[]
  /** Closes the generation that serves, unless `end` returned it. */
  close(): void
}

/** New settings whose live parts are made but do not serve yet. */
export interface StagedReload {
  readonly number: number
  /** Makes them serve from the next request on. `tells`: whether the log and the audit say what changed. */
  apply(tells: boolean, cause: LoadCause): void
  /** Closes them unused; called instead of `apply`. */
  discard(): void
}

/** What became of the policies. */
export type PolicyEvent = Pick<AuditEvent, 'event' | 'detail' | 'cause' | 'before' | 'after'>

export interface ReloadParts {
  readonly build: (settings: Settings, number: number) => Promise<Generation>
  readonly log: Logger
  /** The parts of the settings that take effect at the next start only, by their names in the file. */
  readonly untilRestart: (settings: Settings) => Readonly<Record<string, unknown>>
  /** `changes`: what the audit says of it. */
  readonly onSwap: (fresh: Generation, changes: readonly PolicyEvent[]) => void
  readonly onReloaded: () => void
}

/** Builds the first generation, and resolves when its issuers were probed. */
export async function startGeneration(
  first: Settings,
  number: number,
  parts: ReloadParts,
): Promise<CurrentGeneration> {
  const { build, log } = parts
  let [settings, generation] = [first, await build(first, number)]
  let retired: readonly Generation[] = []
  let isEnding = false
  const heldKeys = heldUntilRestart(first, parts)
  let waiting: readonly string[] = []
  parts.onSwap(generation, startOf(first))
  try {
    await probe(generation, log)
  } catch (error) {
    generation.close()
    throw error
  }
  const inTurn = createTurns()
  const stage = async (next: Settings): Promise<StagedReload> => {
    if (isEnding) throw new Error(ENDED)
    const fresh = await build(next, generation.number + 1)
    await probe(fresh, log)
    if (isEnding) {
      fresh.close()
      throw new Error(ENDED)
    }
    return {
      number: fresh.number,
      apply(tells, cause) {
        const [before, old] = [settings, generation]
        const changed = heldKeys(next)
        if (tells && !isDeepStrictEqual(changed, waiting)) tellRestart(changed, log)
        ;[generation, settings, waiting] = [fresh, next, changed]
        parts.onSwap(fresh, tells ? policyChanges(before, next).map((change) => ({ ...change, cause })) : [])
        old.retire()
        retired = [...retired, old].filter((each) => each.isBusy())
      },
      discard: () => fresh.close(),
    }
  }
  const swap = (next: () => Settings, cause: LoadCause, onSwapped: () => void) =>
    inTurn('reload', async () => {
      const staged = await stage(next())
      staged.apply(true, cause)
      onSwapped()
      log.info({ event: 'reloaded', generation: staged.number }, 'the configuration was reloaded')
    })
  return {
    settings: () => settings,
    restartNeeded: () => waiting,
    generation: () => generation,
    stage,
    reload: (next, cause) => swap(() => next, cause, parts.onReloaded),
    refresh: (cause) =>
      swap(
        () => settings,
        cause,
        () => undefined,
      ),
    end() {
      isEnding = true
      generation.standDown()
      return [...retired, generation]
    },
    close() {
      if (!isEnding) generation.close()
    },
  }
}

/** So that a chain says what decided its first lines. */
function startOf(settings: Settings): readonly PolicyEvent[] {
  if (settings.audit.chain === undefined) return []
  return [{ event: 'policy_loaded', cause: 'start', after: policiesDigest(settings) }]
}

const ENDED = 'the gateway has been closed, and serves nothing any more'

const SILENT_ISSUER = 'an issuer has not answered yet; its tokens wait for it'

async function probe(generation: Generation, log: Logger): Promise<void> {
  const findings = (await inTime(PROBE_MS, generation.probe())) ?? [SILENT_ISSUER]
  for (const finding of findings) log.warn({ event: 'probe' }, finding)
}

/** Says which keys differ from what this process was started with. */
function heldUntilRestart(
  started: Settings,
  { untilRestart }: ReloadParts,
): (settings: Settings) => readonly string[] {
  const held = (settings: Settings): Readonly<Record<string, unknown>> => ({
    ...untilRestart(settings),
    audit: settings.audit,
    telemetry: settings.telemetry,
    state: settings.state,
    'approvals.waiting': settings.approvals?.waiting,
    'approvals.per_caller': settings.approvals?.perCaller,
    'limits.share_per_caller': settings.limits.sharePerCaller,
  })
  const before = held(started)
  return (settings) => {
    const now = held(settings)
    return Object.keys(before).filter((key) => !isDeepStrictEqual(before[key], now[key]))
  }
}

function tellRestart(changed: readonly string[], log: Logger): void {
  if (changed.length > 0)
    log.warn({ event: 'restart_needed', changed }, 'these keys take effect at the next start')
  else log.info({ event: 'restart_not_needed' }, 'every key of the file is in effect again')
}
