// The `tests` of a route against its policy, for `portcullis check`. Each call is read by the reader of requests and
// decided by the policy that serves them, as if everything that is only observed were enforced.
import { principalKey } from '../../core/caller.ts'
import type { Principal } from '../../core/principal.ts'
import type { Reason, Refusal } from '../../core/refusal.ts'
import type { RouteSettings, Settings } from '../../core/settings.ts'
import type { PolicyTest, TestCaller } from '../../core/settings-test.ts'
import { pinPolicy } from '../../manifest/pinned-policy.ts'
import { openPolicy } from './open-policy.ts'
import { readCall } from './read-call.ts'

export interface TestOutcome {
  readonly route: string
  readonly name: string
  readonly ok: boolean
  readonly expected: string
  readonly got: string
}

/** A call may still come past these, so a test that expects a refusal does not mean them. */
const CURABLE: ReadonlySet<Reason> = new Set(['scope_missing', 'approval_required'])
/** What conditions see as `request.address`. */
const LOOPBACK = '127.0.0.1'

/** `now` is epoch milliseconds. */
export function runPolicyTests(settings: Settings, now: number): readonly TestOutcome[] {
  return settings.routes.flatMap((route) => runRoute(settings, route, now))
}

function runRoute(settings: Settings, route: RouteSettings, now: number): readonly TestOutcome[] {
  const opened = openPolicy(settings, route)
  const policy = opened.pin ? pinPolicy(opened.policy, opened.pin, route.policy.denial) : opened.policy
  const issuerOf = (name: string | undefined) =>
    settings.issuers.get(name ?? route.issuers[0] ?? '')?.issuer ?? ''
  return route.tests.map((test) => {
    const { method, target, args, at = now } = test.call
    const read = readCall(method, target, args && JSON.stringify(args))
    const expected = tellExpected(test.expect)
    const about = { route: route.name, name: test.name, expected }
    if (!read.ok) return { ...about, ok: false, got: read.message }
    const principal = test.who && principalOf(test.who, issuerOf(test.who.issuer))
    const circumstances = { now: at, address: LOOPBACK, route: route.name }
    const decision = policy.decide(principal, { era: 'modern', calls: [read.call] }, circumstances)
    const refusal = decision.shadowRefusal ?? decision.refusal
    return { ...about, ok: isExpected(test.expect, refusal), got: tellGot(refusal, decision.rule) }
  })
}

function principalOf(who: TestCaller, issuer: string): Principal {
  return {
    issuer,
    subject: who.subject,
    key: principalKey(issuer, who.subject),
    clientId: who.client,
    scopes: new Set(who.scopes),
    roles: who.roles,
    expiresAt: Number.MAX_SAFE_INTEGER,
    boundKey: undefined,
    claims: who.claims,
  }
}

function isExpected(expected: PolicyTest['expect'], refusal: Refusal | undefined): boolean {
  if (expected === 'allowed') return refusal === undefined
  if (expected === 'approval') return refusal?.reason === 'approval_required'
  if (expected === 'refused') return refusal !== undefined && !CURABLE.has(refusal.reason)
  return refusal?.reason === 'scope_missing' && refusal.challenge.join(' ') === expected.scope.join(' ')
}

function tellExpected(expected: PolicyTest['expect']): string {
  return typeof expected === 'string' ? expected : `a challenge for ${expected.scope.join(' ')}`
}

function tellGot(refusal: Refusal | undefined, rule: string): string {
  if (refusal === undefined) return `allowed by \`${rule}\``
  const by = 'rule' in refusal ? refusal.rule : rule
  if (refusal.reason === 'approval_required') return `approval, by \`${by}\``
  if (refusal.reason !== 'scope_missing') return `refused by \`${by}\` (${refusal.reason})`
  return `a challenge for ${refusal.challenge.join(' ')}, by \`${by}\``
}
