// RFC 9700 §4.11.2, A65: anybody can register a client for any site, so an error that sends a browser there before a
// person has done anything makes this server a way to send people anywhere. Such an error is shown on a page instead.

import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { People } from '../people.ts'
import type { Clients } from '../store/clients.ts'

export interface RedirectParts {
  readonly clients: Clients
  readonly people: () => People
}

export function keepRedirectsClosed(provider: Provider, parts: RedirectParts): void {
  const failed = new WeakMap<object, { readonly error: string }>()
  provider.on('authorization.error', (context, error) => void failed.set(context, error))
  provider.use(async (context, next) => {
    await next()
    const error = failed.get(context)
    if (error === undefined || (await mayLeave(context as unknown as KoaContextWithOIDC, parts))) return
    const page = parts.people().html.error({ error: error.error, description: undefined })(context.res)
    context.remove('location')
    context.status = 400
    context.set({ ...page.headers })
    context.body = page.body
  })
}

/**
 * Errors may send a browser on after a page of ours, to a program on this device, to a client that the operator made,
 * and to one that this person agreed to before.
 */
async function mayLeave(
  { oidc, req }: KoaContextWithOIDC,
  { clients, people }: RedirectParts,
): Promise<boolean> {
  if (oidc.route !== 'authorization') return true
  const redirectUri = oidc.params?.['redirect_uri']
  const clientId = oidc.client?.clientId
  if (clientId === undefined || typeof redirectUri !== 'string') return true
  if (!redirectUri.startsWith('https:')) return true
  if ((await clients.find(clientId))?.origin === 'operator') return true
  const subject = oidc.session?.accountId
  if (subject === undefined || !(await people().isSignedIn(req, subject))) return false
  return people().hasMet(subject, clientId, redirectUri)
}
