// RP-initiated logout (OpenID Connect RP-Initiated Logout §2): whoever ends the session of the engine on its page is signed out
// of the browser as a whole. The engine goes the same way when somebody else signs in, who stays signed in.
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { People } from '../people.ts'

/** What oidc-provider has in a session beside what its types say. */
interface EndedState {
  readonly destroyed?: boolean
  readonly accountId?: string
}

export function endSignIns(provider: Provider, people: () => People): void {
  provider.use(async (context, next) => {
    await next()
    const { oidc, req } = context as unknown as Partial<Pick<KoaContextWithOIDC, 'oidc'>> & typeof context
    if (oidc?.route !== 'end_session_confirm') return
    const { destroyed, accountId } = oidc.session as EndedState
    if (destroyed !== true || accountId === undefined) return
    const cookie = await people().signOut(req, accountId)
    if (cookie !== undefined) context.append('set-cookie', cookie)
  })
}
