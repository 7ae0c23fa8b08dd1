// /healthz, /readyz and /readyz/shutdown where the gateway listens, for a load balancer that cannot reach the admin port.
// Whoever asks, by whatever Host and method, learns one bit; so nothing has to be checked.
import { type Answer, jsonAnswer } from './answer.ts'

/** Undefined for every other path. */
export type PublicHealth = (path: string) => Answer | undefined

/**
 * Whether the gateway still takes requests, whatever its issuers and upstreams do. The name is that of kube-apiserver for
 * the same question.
 */
export const SHUTDOWN_PATH = '/readyz/shutdown'

export interface HealthState {
  isReady(): boolean
  isDraining(): boolean
}

const NOT_KEPT = { 'cache-control': 'no-store' }

export function createPublicHealth({ isReady, isDraining }: HealthState): PublicHealth {
  const alive = jsonAnswer(200, { status: 'ok' }, NOT_KEPT)
  const [ready, unready] = [
    jsonAnswer(200, { ready: true }, NOT_KEPT),
    jsonAnswer(503, { ready: false }, NOT_KEPT),
  ]
  return (path) => {
    if (path === '/healthz') return alive
    if (path === '/readyz') return isReady() ? ready : unready
    if (path === SHUTDOWN_PATH) return isDraining() ? unready : ready
    return undefined
  }
}
