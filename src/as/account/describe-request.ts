// What the pages show of a request for access: its client, its server, and its scopes in words, with what is dangerous.
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { ConsentParts } from '../pages/consent.ts'
import type { ClientShown, ServerShown } from '../pages/parts.ts'
import type { AccessRequest, Engine } from '../people.ts'
import { isIdentityScope, scopeDescription } from './scope-descriptions.ts'

/** As the client is known now; only its id when the engine cannot find it. */
export async function shownClient(
  engine: Engine,
  { clientId, redirectUri }: Pick<AccessRequest, 'clientId' | 'redirectUri'>,
): Promise<ClientShown> {
  return { id: clientId, redirectUri, ...(await engine.describeClient(clientId)) }
}

/** @param url the resource */
export async function shownServer(engine: Engine, url: string): Promise<ServerShown> {
  const { title, icon } = await engine.describeServer(url)
  return { url, title, icon }
}

/** @param agreed scopes that the client was allowed before; undefined: it is new */
export async function describeRequest(
  { engine, settings }: { readonly engine: Engine; readonly settings: AuthorizationServerSettings },
  { request, offered }: { readonly request: AccessRequest; readonly offered: readonly string[] },
  agreed: ReadonlySet<string> | undefined,
): Promise<Omit<ConsentParts, 'form' | 'person'>> {
  const [client, { title, icon, dangers }] = await Promise.all([
    shownClient(engine, request),
    engine.describeServer(request.resource),
  ])
  const scopeShown = (scope: string) => ({
    scope,
    words: scopeDescription(settings.scopes, scope),
    danger: dangers.get(scope),
  })
  const asked = request.scopes.map((scope) => ({ ...scopeShown(scope), isNew: agreed?.has(scope) !== true }))
  const use = { scope: '', words: 'useServer', danger: dangers.get(''), isNew: agreed === undefined } as const
  return {
    client,
    server: { url: request.resource, title, icon },
    scopes: request.scopes.every(isIdentityScope) ? [use, ...asked] : asked,
    offered: offered.map(scopeShown),
    known: agreed !== undefined,
  }
}
