// Which paths the protocol engine answers, and which of them programs in browsers may call.
import { PATHS } from '../../core/authorization-paths.ts'

/** Each also with a slash at its end, since some clients take the issuer to end in one. */
const METADATA_PATHS: ReadonlySet<string> = new Set(
  ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    `/.well-known/${name}`,
    `/.well-known/${name}/`,
  ]),
)

const EXACT: ReadonlySet<string> = new Set(Object.values(PATHS))
/** Resumed authorizations, managed registrations (RFC 7592), resumed device codes, the end of a session. */
const BELOW = [PATHS.authorization, PATHS.registration, PATHS.device, PATHS.endSession].map(
  (path) => `${path}/`,
)

export function isEnginePath(path: string): boolean {
  // Never with a slash at its end: oidc-provider would serve it, past everything that goes by the exact path (A41, A42).
  return EXACT.has(path) || (!path.endsWith('/') && BELOW.some((prefix) => path.startsWith(prefix)))
}

/** META-02: the forms that belong to an issuer without a path; others are not ours to answer. */
export function isMetadataPath(path: string): boolean {
  return METADATA_PATHS.has(path)
}

/** Endpoints that programs call, from browsers too (A52); pages are never among them. */
export function isOpenToBrowsers(path: string): boolean {
  const { authorization, device, endSession, ...rest } = PATHS
  return (
    isMetadataPath(path) ||
    Object.values(rest).some((open) => open === path) ||
    path.startsWith(`${PATHS.registration}/`)
  )
}
