// The embedded authorization server for a reading of the configuration: which routes it signs for, who its people
// are. The only file that knows both the gateway's settings and the authorization server.
import type { ProtectedRoute } from './as/authorization-server.ts'
import type { BrowserRoute } from './as/browser/browser-login.ts'
import type { OnEvent } from './as/events.ts'
import { scopesNamed } from './core/scopes.ts'
import type { RouteSettings, Settings } from './core/settings.ts'
import { type EmbeddedServer, withBrowser } from './embedded-browser.ts'

/** Undefined when no issuer is embedded. Throws when its data cannot be used. */
export async function createEmbeddedServer(
  settings: Settings,
  onEvent: OnEvent,
): Promise<EmbeddedServer | undefined> {
  const { authorizationServer, publicUrl } = settings
  if (authorizationServer === undefined) return undefined
  const { createAuthorizationServer, createPeople, createBrowser } = await loadServer()
  const server = await createAuthorizationServer(authorizationServer, {
    issuer: publicUrl,
    routes: servedRoutes(settings),
    proofNonces: settings.routes.some(({ dpopNonce }) => dpopNonce),
    clock: { now: () => Date.now() },
    onEvent,
    people: createPeople,
  })
  const routes = browserRoutes(settings)
  return routes.length === 0
    ? { ...server, browser: undefined }
    : withBrowser(server, createBrowser({ server, routes }))
}

/**
 * Loaded when it is needed, since a gateway without it should start fast. While it loads, oidc-provider complains
 * about every runtime that is not a long-term release; which runtimes serve here is what our own tests say.
 */
async function loadServer() {
  const { warn } = console
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn(...words)
  }
  try {
    const [{ createAuthorizationServer }, { createPeople }, { createBrowser }] = await Promise.all([
      import('./as/authorization-server.ts'),
      import('./as/account/create-people.ts'),
      import('./as/browser/create-browser.ts'),
    ])
    return { createAuthorizationServer, createPeople, createBrowser }
  } finally {
    console.warn = warn
  }
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

function browserRoutes(settings: Settings): BrowserRoute[] {
  return settings.routes.flatMap((route) => {
    if (route.browser === undefined) return []
    const { allowedOrigins } = route.browser
    const scopes = scopesOf(route, settings.scopesImply)
    return [{ name: route.name, resource: settings.publicUrl + route.path, scopes, allowedOrigins }]
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
