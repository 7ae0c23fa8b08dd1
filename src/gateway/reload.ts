// The generation that serves now, and how a reload puts another in its place: the new one is built and probed beside it,
// one step swaps them, and the old one is retired until its last request has ended. What outlives a reload is in
// durable-state.ts.
import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../core/settings.ts'
import { inTime } from '../lib/in-time.ts'
import { createTurns } from '../lib/turns.ts'
import type { Logger } from '../observe/log.ts'
import { policyChanges } from '../policy/reload-changes.ts'
import type { Generation } from './generation.ts'

/** How long a start or a reload waits for issuers; one that is down is asked again when a token needs it. */
const PROBE_MS = 4_000

export interface CurrentGeneration {
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly generation: () => Generation
  /** Serves other settings from the next request on. A reload that comes during another begins after it. */
  reload(settings: Settings): Promise<void>
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
  apply(tells: boolean): void
  /** Closes them unused; called instead of `apply`. */
  discard(): void
}

export interface ReloadParts {
  readonly build: (settings: Settings, number: number) => Promise<Generation>
  readonly log: Logger
  /** The parts of the settings that take effect at the next start only, by their names in the file. */
  readonly untilRestart: (settings: Settings) => Readonly<Record<string, unknown>>
  /** `tells`: whether the audit says what changed. */
  readonly onSwap: (
    fresh: Generation,
    tells: boolean,
    changes: () => ReturnType<typeof policyChanges>,
  ) => void
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
  parts.onSwap(generation, false, () => [])
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
      apply(tells) {
        const [before, old] = [settings, generation]
        if (tells) warnOfRestart(before, next, parts)
        ;[generation, settings] = [fresh, next]
        parts.onSwap(fresh, tells, () => policyChanges(before, next))
        old.retire()
        retired = [...retired, old].filter((each) => each.isBusy())
      },
      discard: () => fresh.close(),
    }
  }
  return {
    settings: () => settings,
    generation: () => generation,
    stage,
    reload: (next) =>
      inTurn('reload', async () => {
        const staged = await stage(next)
        staged.apply(true)
        parts.onReloaded()
        log.info({ event: 'reloaded', generation: staged.number }, 'the configuration was reloaded')
      }),
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

const ENDED = 'the gateway has been closed, and serves nothing any more'

const SILENT_ISSUER = 'an issuer has not answered yet; its tokens wait for it'

async function probe(generation: Generation, log: Logger): Promise<void> {
  const findings = (await inTime(PROBE_MS, generation.probe())) ?? [SILENT_ISSUER]
  for (const finding of findings) log.warn({ event: 'probe' }, finding)
}

function warnOfRestart(before: Settings, after: Settings, { untilRestart, log }: ReloadParts): void {
  const parts = (settings: Settings): Readonly<Record<string, unknown>> => ({
    ...untilRestart(settings),
    audit: settings.audit,
    state: settings.state,
    'limits.share_per_caller': settings.limits.sharePerCaller,
  })
  const [old, now] = [parts(before), parts(after)]
  const changed = Object.keys(old).filter((key) => !isDeepStrictEqual(old[key], now[key]))
  if (changed.length > 0)
    log.warn({ event: 'restart_needed', changed }, 'these keys take effect at the next start')
}
