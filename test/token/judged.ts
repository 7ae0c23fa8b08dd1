// A verifier of one route whose only issuer is judged by somebody else, with a clock that a test moves.
import { onTestFinished } from 'vitest'
import type { Credential, Principal } from '../../src/core/principal.ts'
import type { Result } from '../../src/core/refusal.ts'
import type { IssuerSettings } from '../../src/core/settings.ts'
import type { VerdictSource } from '../../src/core/settings-verifier.ts'
import type { TokenVerifier } from '../../src/core/token-verifier.ts'
import { createIssuer } from '../../src/token/issuer.ts'
import { createVerifier } from '../../src/token/verifier.ts'
import { bearer, type FakeClock, issuerSettings, RESOURCE } from './scene.ts'

export const KEEPING = { ttlSeconds: 30, negativeTtlSeconds: 5, maxEntries: 1000 }

export interface Judged {
  verify(token: string, over?: Partial<Credential>): Promise<Result<Principal>>
  confirmActive(token: string): Promise<Result<Principal>>
  readonly ready: () => boolean
  readonly probe: () => Promise<readonly string[]>
}

export function openJudged(
  verdictSource: VerdictSource,
  clock: FakeClock,
  over: Partial<IssuerSettings> = {},
  custom?: TokenVerifier,
): Judged {
  const claims = { subject: ['sub'], scopes: ['scope'], client: ['client_id'], roles: ['roles'] }
  const settings = issuerSettings('https://login.example', {
    ...{ validation: 'introspection', claims, verdictSource },
    ...over,
  })
  const issuer = createIssuer(settings, { clock, verifier: custom })
  const verifier = createVerifier({
    audience: [RESOURCE],
    issuers: [issuer],
    dpop: 'accept',
    clock,
  })
  onTestFinished(() => issuer.close())
  const verify = async (token: string, more?: Partial<Credential>) =>
    verifier.verify(bearer(token, more), clock.now())
  return {
    verify,
    async confirmActive(token) {
      const first = await verify(token)
      return first.ok ? verifier.confirmActive(bearer(token), first.value) : first
    },
    ready: () => issuer.status().ready,
    probe: () => issuer.probe(),
  }
}
