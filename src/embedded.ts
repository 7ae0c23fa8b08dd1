// The embedded authorization server for a reading of the configuration: which routes it signs for, who its people
// are. The only file that knows both the gateway's settings and the authorization server.
import { createPeople } from './as/account/create-people.ts'
import {
  type AuthorizationServer,
  createAuthorizationServer,
  type ProtectedRoute,
} from './as/authorization-server.ts'
import type { OnEvent } from './as/events.ts'
import { scopesNamed } from './core/scopes.ts'
import type { RouteSettings, Settings } from './core/settings.ts'

/** Undefined when no issuer is embedded. Throws when its data cannot be used. */
export async function createEmbeddedServer(
  settings: Settings,
  onEvent: OnEvent,
): Promise<AuthorizationServer | undefined> {
  const { authorizationServer, publicUrl } = settings
  if (authorizationServer === undefined) return undefined
  return createAuthorizationServer(authorizationServer, {
    issuer: publicUrl,
    routes: servedRoutes(settings),
    clock: { now: () => Date.now() },
    onEvent,
    people: createPeople,
  })
}

function servedRoutes(settings: Settings): ProtectedRoute[] {
  const embedded = [...settings.issuers.values()].filter(({ embedded }) => embedded)
  return settings.routes
    .filter((route) => embedded.some(({ name }) => route.issuers.includes(name)))
    .map((route) => {
      const resource = settings.publicUrl + route.path
      return {
        resource,
        audience: route.audience?.[0] ?? resource,
        baseline: route.scopes,
        scopes: scopesOf(route, settings.scopesImply),
      }
    })
}

/** What the route names, and what contains it: who may be given `notes:admin` needs no `notes:write` beside it. */
function scopesOf(
  { scopes, policy }: RouteSettings,
  imply: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const named = new Set([
    ...scopes,
    ...policy.rules.flatMap((rule) => (rule.scopes === undefined ? [] : scopesNamed(rule.scopes))),
    ...[...policy.methods.values()].flatMap(scopesNamed),
  ])
  for (let before = -1; before !== named.size; ) {
    before = named.size
    for (const [container, contained] of imply) {
      if (contained.some((scope) => named.has(scope))) named.add(container)
    }
  }
  return [...named]
}
