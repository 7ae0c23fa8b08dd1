// What pages tell people of a client and of a server: the words and the picture of each, and who vouches for them.
import type Provider from 'oidc-provider'
import { type Client, errors } from 'oidc-provider'
import { networkOf } from '../../core/network.ts'
import type { ProtectedRoute } from '../contract.ts'
import type { ClientDescription, ServerDescription, Vouched } from '../people.ts'
import type { Clients } from '../store/clients.ts'
import type { AddressLimits } from './address-limits.ts'
import type { Icons } from './icons.ts'
import type { CurrentRequest } from './request-context.ts'

export interface DescriptionParts {
  readonly clients: Clients
  readonly icons: Icons
  readonly currentRequest: CurrentRequest
  readonly addressLimits: AddressLimits
  readonly descriptions: ReadonlyMap<string, ProtectedRoute['describe']>
}

/** As it is now; undefined when it is not known, or its metadata document cannot be had. */
export async function clientNow(provider: Provider, clientId: string): Promise<Client | undefined> {
  try {
    return await provider.Client.find(clientId)
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return undefined // its document is gone, or no longer one
    throw error
  }
}

/** A25: a client that registered itself could name the picture of any other, so its own is not looked at. */
export async function describeClient(
  parts: DescriptionParts,
  provider: Provider,
  clientId: string,
): Promise<ClientDescription> {
  const client = await clientNow(provider, clientId)
  const vouched = client === undefined ? 'nobody' : await vouchedFor(parts.clients, clientId)
  const url = vouched === 'nobody' ? undefined : client?.logoUri
  return { name: client?.clientName, vouched, icon: url === undefined ? undefined : await iconAt(parts, url) }
}

/** The picture that a server names is fetched under the same guard as that of a client. */
export async function describeServer(parts: DescriptionParts, resource: string): Promise<ServerDescription> {
  const described = await parts.descriptions.get(resource)?.()
  if (described === undefined) return { dangers: new Map() }
  const { title, icon, iconUrl, dangers } = described
  const shown = icon ?? (iconUrl === undefined ? undefined : await iconAt(parts, iconUrl))
  return { title, icon: shown, dangers }
}

/** Clients known by a metadata document are never kept. */
async function vouchedFor(clients: Clients, clientId: string): Promise<Vouched> {
  const kept = await clients.find(clientId)
  if (kept === undefined) return 'host'
  return kept.origin === 'operator' ? 'operator' : 'nobody'
}

/** A fetch counts as one of a metadata document. */
async function iconAt({ icons, currentRequest, addressLimits }: DescriptionParts, url: string) {
  const address = currentRequest.getStore()?.address ?? ''
  const mayFetch = async () => (await addressLimits.documents.take(address)) === undefined
  return await icons.find(url, networkOf(address), mayFetch)
}
