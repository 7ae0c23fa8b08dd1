// All checks of one server, in the order in which a client would meet them.
import { type Found, found } from '../found.ts'
import { createProbeClient } from '../http.ts'
import { BROWSER_CHECKS } from './browser-checks.ts'
import { CHALLENGE_CHECKS } from './challenge-checks.ts'
import type { CheckResult, DoctorCheck, Severity } from './check.ts'
import { ISSUER_CHECKS } from './issuer-checks.ts'
import { METADATA_CHECKS } from './metadata-checks.ts'
import { REGISTRATION_CHECKS } from './registration-checks.ts'
import { type SnapshotOptions, takeSnapshot } from './server-snapshot.ts'
import { SESSION_CHECKS } from './session-checks.ts'
import { TOKEN_CHECKS } from './token-checks.ts'

export const CHECKS: readonly DoctorCheck[] = [
  ...CHALLENGE_CHECKS,
  ...METADATA_CHECKS,
  ...ISSUER_CHECKS,
  ...REGISTRATION_CHECKS,
  ...TOKEN_CHECKS,
  ...BROWSER_CHECKS,
  ...SESSION_CHECKS,
]

export interface Examined extends CheckResult {
  readonly id: string
  readonly severity: Severity
  readonly rule: string
  readonly cure: string
}

export interface ExamineOptions extends SnapshotOptions {
  readonly quick: boolean
}

export async function examine({ quick, ...options }: ExamineOptions): Promise<Found<readonly Examined[]>> {
  const http = createProbeClient(options.ca)
  const scene = await takeSnapshot(options, http)
  const results: Examined[] = []
  for (const check of scene.ok ? CHECKS : []) {
    if (!scene.ok || (quick && check.quick !== true)) continue
    const { id, severity, rule, cure } = check
    results.push({ id, severity, rule, cure, ...(await check.judge(scene.value)) })
  }
  await http.close()
  return scene.ok ? found(results) : scene
}

const GRAVITY = { open: 0, shut: 1, hardening: 2 } as const

/** What is to be mended: first what is violated, and of that what lets anybody in. */
export function brokenChecks(results: readonly Examined[]): readonly Examined[] {
  const weigh = ({ state, severity }: Examined) => (state === 'violated' ? 0 : 3) + GRAVITY[severity]
  return results
    .filter(({ state }) => state === 'violated' || state === 'doubtful')
    .sort((one, other) => weigh(one) - weigh(other))
}
