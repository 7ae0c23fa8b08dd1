// Assertions are for the server behind the gateway, so their audience is nothing that the gateway itself takes tokens for.
import type { Finding, RouteSettings, Settings } from '../core/settings.ts'

export function checkUpstreamAuth(settings: Settings): Finding[] {
  const ours = new Set(settings.routes.flatMap(({ audience }) => audience ?? []))
  return settings.routes.flatMap((route, index) =>
    ofRoute(route, index, (audience) => ours.has(audience) || isHere(audience, settings)),
  )
}

/** Any URL of the public origin: each of its paths may become a resource. */
function isHere(audience: string, { publicUrl }: Settings): boolean {
  return URL.canParse(audience) && new URL(audience).origin === new URL(publicUrl).origin
}

function ofRoute(
  { upstreamAuth }: RouteSettings,
  index: number,
  isOurs: (audience: string) => boolean,
): Finding[] {
  return upstreamAuth.flatMap((credential, position): Finding[] => {
    if (credential.mode !== 'assertion' || !isOurs(credential.audience)) return []
    const message =
      'an assertion is for the server behind the gateway; name that server, not a resource of the gateway'
    return [{ severity: 'error', path: ['routes', index, 'upstream_auth', position, 'audience'], message }]
  })
}
