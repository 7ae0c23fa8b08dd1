// What `state` needs beside itself: a key that all gateways have, and a way on which nobody else reads.
import type { Finding, Settings } from '../core/settings.ts'
import { isLoopback } from '../lib/loopback.ts'

export function checkState({ state, sessionKey }: Settings): Finding[] {
  if (state === undefined) return []
  const findings: Finding[] = []
  if (sessionKey === undefined) {
    const message =
      'shared state needs session_key, the same in each gateway: what stands there is hidden and sealed with it'
    findings.push({ severity: 'error', path: ['state'], message })
  }
  if (!state.isTls && state.nodes.some(({ host }) => !isLoopback(host))) {
    const message = 'this goes over a network without TLS; whoever is on it can make used proofs forgotten'
    findings.push({ severity: 'warning', path: ['state'], message })
  }
  return findings
}
