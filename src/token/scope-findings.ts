// Finds scopes that a route names and its issuers do not list. No token can ever have them, which looks as if clients
// never asked for them. It compares names only; the issuer decides who may have a scope.
import { scopesUnlisted } from '../core/route-scopes.ts'
import type { Settings } from '../core/settings.ts'
import type { Issuer } from './issuer-contract.ts'

/** Returns one sentence for each route. It asks each issuer once for its metadata. */
export async function scopeFindings(
  { routes, scopesImply }: Settings,
  issuers: ReadonlyMap<string, Pick<Issuer, 'scopesSupported'>>,
): Promise<readonly string[]> {
  const lists = new Map(
    await Promise.all(
      [...issuers].map(async ([name, issuer]) => [name, await issuer.scopesSupported?.()] as const),
    ),
  )
  return routes.flatMap((route) => {
    const listed = route.issuers.map((name) => lists.get(name))
    const unlisted = scopesUnlisted(route, listed, scopesImply)
    if (unlisted.length === 0) return []
    const named = unlisted.map((scope) => `\`${scope}\``).join(', ')
    return `route ${route.name}: ${named} not in scopes_supported of ${route.issuers.join(', ')}; make the scope there, or correct its name here`
  })
}
