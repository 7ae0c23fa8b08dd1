// Where a server is, and which credential it gets.
import { isProgram, type RouteSettings } from '../core/settings.ts'
import { staticHeadersOf } from '../core/settings-upstream-auth.ts'

export interface UpstreamTarget {
  /** Empty where the server is a program. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly ca: string | undefined
  /** Undefined for a bare URL. */
  readonly route: RouteSettings | undefined
}

/** The upstream of a route, asked as the gateway asks it. */
export function upstreamTargetOf(
  route: RouteSettings,
  extra: Readonly<Record<string, string>> = {},
): UpstreamTarget {
  const { upstreamAuth, upstream } = route
  if (isProgram(upstream)) return { url: '', headers: extra, ca: undefined, route }
  return {
    url: upstream.url,
    headers: { ...staticHeadersOf(upstreamAuth), ...extra },
    ca: upstream.ca,
    route,
  }
}
