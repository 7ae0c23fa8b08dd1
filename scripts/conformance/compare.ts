// Compares two runs of the suite check by check: straight at an upstream, and through the gateway. Pure.

export interface Check {
  readonly id: string
  readonly name: string
  readonly status: 'SUCCESS' | 'INFO' | 'SKIPPED' | 'WARNING' | 'FAILURE'
  readonly errorMessage?: string
}

/** Checks by scenario. */
export type Scenarios = ReadonlyMap<string, readonly Check[]>

type Outcome = Check['status'] | 'MISSING'

export interface Difference {
  readonly scenario: string
  readonly check: string
  readonly direct: Outcome
  readonly gateway: Outcome
  readonly verdict: 'better' | 'worse'
  readonly message: string | undefined
}

/** INFO is worse than SUCCESS: the runner says INFO where it could not try the thing. */
const RANK: Readonly<Record<Outcome, number>> = {
  SUCCESS: 0,
  INFO: 1,
  SKIPPED: 1,
  WARNING: 2,
  FAILURE: 3,
  MISSING: 4,
}

/** Every check whose outcome differs in rank, in the order of the direct run. */
export function compareRuns(direct: Scenarios, gateway: Scenarios): Difference[] {
  const scenarios = new Set([...direct.keys(), ...gateway.keys()])
  return [...scenarios].flatMap((scenario) =>
    compareScenario(scenario, direct.get(scenario) ?? [], gateway.get(scenario) ?? []),
  )
}

function compareScenario(
  scenario: string,
  direct: readonly Check[],
  gateway: readonly Check[],
): Difference[] {
  const before = byKey(direct)
  const after = byKey(gateway)
  // A direct run that fails early never reaches later checks: only a clean one shows that a failure is new.
  const directIsClean = direct.length > 0 && direct.every(({ status }) => RANK[status] < RANK.WARNING)
  const differences: Difference[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(key)
    const is = after.get(key)
    const isRank = is === undefined ? missingRank(was) : RANK[is.status]
    const wasRank = was === undefined ? unseenRank(isRank, directIsClean) : RANK[was.status]
    if (isRank === wasRank) continue
    differences.push({
      scenario,
      check: key,
      direct: was?.status ?? 'MISSING',
      gateway: is?.status ?? 'MISSING',
      verdict: isRank > wasRank ? 'worse' : 'better',
      message: is?.errorMessage,
    })
  }
  return differences
}

/** A check that only the gateway's run made counts against it if the direct run was clean, else not at all. */
function unseenRank(isRank: number, directIsClean: boolean): number {
  return directIsClean ? Math.min(isRank, RANK.INFO) : isRank
}

/** A success that is gone is a loss. Some checks are only made when they fail, and INFO events come and go. */
function missingRank(was: Check | undefined): number {
  return was === undefined || was.status === 'SUCCESS' ? RANK.MISSING : RANK[was.status]
}

/** Ids repeat within a scenario, so the nth `id name` of one run is compared with the nth of the other. */
function byKey(checks: readonly Check[]): Map<string, Check> {
  const seen = new Map<string, number>()
  const keyed = new Map<string, Check>()
  for (const check of checks) {
    const key = `${check.id} ${check.name}`
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    keyed.set(count === 1 ? key : `${key} #${count}`, check)
  }
  return keyed
}
