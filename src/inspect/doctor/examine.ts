// All checks of one server, in the order in which a client would meet them.
import { type Found, found } from '../found.ts'
import { createHttp } from '../http.ts'
import { BROWSER_CHECKS } from './browser-checks.ts'
import { CHALLENGE_CHECKS } from './challenge-checks.ts'
import type { Check, Verdict } from './check.ts'
import { ISSUER_CHECKS } from './issuer-checks.ts'
import { METADATA_CHECKS } from './metadata-checks.ts'
import { observe } from './scene.ts'
import { SESSION_CHECKS } from './session-checks.ts'
import { TOKEN_CHECKS } from './token-checks.ts'

export const CHECKS: readonly Check[] = [
  ...CHALLENGE_CHECKS,
  ...METADATA_CHECKS,
  ...ISSUER_CHECKS,
  ...TOKEN_CHECKS,
  ...BROWSER_CHECKS,
  ...SESSION_CHECKS,
]

export interface Examined extends Verdict {
  readonly id: string
  readonly rule: string
  readonly cure: string
}

export interface ExamineOptions {
  readonly url: string
  readonly token: string | undefined
  readonly quick: boolean
}

export async function examine({ url, token, quick }: ExamineOptions): Promise<Found<readonly Examined[]>> {
  const http = createHttp(undefined)
  const scene = await observe(url, token, http)
  const results: Examined[] = []
  for (const check of scene.ok ? CHECKS : []) {
    if (!scene.ok || (quick && check.quick !== true)) continue
    const { id, rule, cure } = check
    results.push({ id, rule, cure, ...(await check.judge(scene.value)) })
  }
  await http.close()
  return scene.ok ? found(results) : scene
}
