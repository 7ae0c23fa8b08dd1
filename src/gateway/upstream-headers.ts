// What writes the request headers for the upstream of a route, with the credentials that the file names for it.
import { createAssertionSigner } from '../assertions/assertion.ts'
import type { AssertionKeys } from '../assertions/assertion-keys.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import { type AssertionSettings, staticHeadersOf } from '../core/settings-upstream-auth.ts'
import { type AssertionHeader, createHeaderWriter, type HeaderWriter } from '../upstream/identity-headers.ts'

export interface UpstreamHeadersParts {
  readonly settings: Pick<Settings, 'publicUrl'>
  readonly route: RouteSettings
  readonly assertionKeys: AssertionKeys | undefined
}

export function upstreamHeaders(parts: UpstreamHeadersParts, { host }: URL): HeaderWriter {
  const { identityPrefix, identityClaims = {}, upstreamAuth } = parts.route
  return createHeaderWriter({
    ...{ identityPrefix, identityClaims },
    authority: host,
    staticHeaders: staticHeadersOf(upstreamAuth),
    assertions: upstreamAuth.flatMap((one) => (one.mode === 'assertion' ? assertionHeader(one, parts) : [])),
    forwardToken: upstreamAuth.some(({ mode }) => mode === 'forward_token'),
  })
}

function assertionHeader(
  settings: AssertionSettings,
  { settings: { publicUrl }, assertionKeys: keys }: UpstreamHeadersParts,
): AssertionHeader {
  if (keys === undefined) throw new Error('a route that sends assertions without keys for them')
  const sign = createAssertionSigner({ settings, publicUrl, keys })
  const scheme = settings.header === 'authorization' ? 'Bearer ' : ''
  return { name: settings.header, value: (principal, call) => scheme + sign(principal, call, Date.now()) }
}
