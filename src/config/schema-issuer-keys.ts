// What every entry of `issuers` with a URL has, whoever judges its tokens: which issuer it is, how it is reached, and what
// its tokens may be at most.
import { z } from 'zod'
import type { IssuerSettings } from '../core/settings.ts'
import { issuerUrl } from './addresses.ts'
import { scopeList, seconds } from './scalars.ts'
import { authorities } from './schema-reach.ts'

export const issuerIdentity = {
  issuer: issuerUrl.describe('The issuer identifier, byte for byte as in its metadata and in `iss`.'),
  allow_insecure_issuer: z
    .boolean()
    .describe(
      'Allows plain http for an issuer on this machine. Whoever can stand between the gateway and a plain http issuer can mint tokens.',
    )
    .prefault(false),
  ca: authorities,
}

export const tokenBounds = {
  leeway: seconds('0s', '60s').describe('How far clocks may differ.').prefault('5s'),
  max_lifetime: seconds('1m', '366d')
    .describe('The longest life (`exp` − `iat`) that a token may have.')
    .prefault('24h'),
  allowed_scopes: scopeList
    .describe('What this issuer may grant at most; other scopes of its tokens are ignored. Absent: anything.')
    .optional(),
}

const keys = z.strictObject({ ...issuerIdentity, ...tokenBounds })

export function issuerOf(raw: z.output<typeof keys>) {
  return {
    issuer: raw.issuer,
    allowInsecureIssuer: raw.allow_insecure_issuer,
    ca: raw.ca,
    leewaySeconds: raw.leeway,
    maxLifetimeSeconds: raw.max_lifetime,
    allowedScopes: raw.allowed_scopes && new Set(raw.allowed_scopes),
  } satisfies Partial<IssuerSettings>
}
