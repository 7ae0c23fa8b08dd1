// Clients for operators: those that are kept, and those known by a metadata document that hold a grant. A secret is
// shown once, to whoever made it; never in a list.
import { randomBytes } from 'node:crypto'
import type { Payload } from '../store/artifacts.ts'
import type { ClientRecord } from '../store/clients.ts'
import type { Store } from '../store/store.ts'
import type { GrantOperations } from './grants.ts'
import type { ReportEvent } from './report-event.ts'

export interface ClientSummary {
  readonly id: string
  /** `document`: known by the URL of its metadata document, and not kept. */
  readonly origin: ClientRecord['origin'] | 'document'
  readonly name: string | undefined
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  /** `none` for a public client. */
  readonly auth: string
  /** Grants that people gave it. */
  readonly grants: number
  /** Epoch milliseconds; undefined for a document. */
  readonly createdAt: number | undefined
  readonly usedAt: number | undefined
}

export interface NewClient {
  readonly name: string
  /** Empty: for the client credentials grant alone. */
  readonly redirectUris: readonly string[]
  /** Without a secret. */
  readonly isPublic: boolean
}

export interface AddedClient {
  readonly id: string
  readonly secret: string | undefined
}

export interface ClientOperations {
  list(): Promise<readonly ClientSummary[]>
  find(id: string): Promise<ClientSummary | undefined>
  add(client: NewClient): Promise<AddedClient>
  /** With every grant and token of it. False when there is none. */
  remove(id: string): Promise<boolean>
  /** The new secret; the old one and the access tokens that it got are refused at once. Undefined: it has none. */
  rotateSecret(id: string): Promise<string | undefined>
}

export interface ClientParts {
  readonly store: Store
  readonly grants: GrantOperations
  readonly tell: ReportEvent
}

const SECRET_BYTES = 32
const ID_BYTES = 16

export function createClientOperations({ store, grants, tell }: ClientParts): ClientOperations {
  const list = async () => {
    const granted = await grants.list({})
    const kept = (await store.clients.list()).map((record) =>
      summaryOf(record, granted.filter((one) => one.clientId === record.id).length),
    )
    const known = new Set(kept.map(({ id }) => id))
    const documents = new Set(granted.map(({ clientId }) => clientId).filter((id) => !known.has(id)))
    return [
      ...kept,
      ...[...documents].map((id) => documentSummary(id, granted.filter((one) => one.clientId === id).length)),
    ]
  }
  return {
    list,
    find: async (id) => (await list()).find((client) => client.id === id),
    add: (wanted) =>
      store.transaction(async (within) => {
        const id = randomBytes(ID_BYTES).toString('base64url')
        const secret = wanted.isPublic ? undefined : newSecret()
        await within.clients.save(id, 'operator', metadataOf(id, secret, wanted))
        await tell(within, { event: 'client_registered', client: id, detail: wanted.name })
        return { id, secret }
      }),
    remove: (id) =>
      store.transaction(async (within) => {
        const was = await within.clients.remove(id)
        const ended = await grants.revokeWithin(within, { clientId: id })
        if (!was && ended.length === 0) return false
        await within.revocations.add('client', id)
        await tell(within, { event: 'client_removed', client: id })
        return true
      }),
    rotateSecret: (id) =>
      store.transaction(async (within) => {
        const record = await within.clients.find(id)
        if (record?.metadata['client_secret'] === undefined) return undefined
        const secret = newSecret()
        // A secret that the operator sets has no expiry, since nobody would tell it to the client.
        const metadata = { ...record.metadata, client_secret: secret, client_secret_expires_at: 0 }
        await within.clients.save(id, record.origin, metadata)
        await within.revocations.add('client', id)
        await tell(within, { event: 'secret_rotated', client: id })
        return secret
      }),
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

function metadataOf(id: string, secret: string | undefined, { name, redirectUris }: NewClient): Payload {
  const codes = redirectUris.length > 0
  const grantTypes = codes ? ['authorization_code', 'refresh_token'] : ['client_credentials']
  return {
    client_id: id,
    client_name: name,
    redirect_uris: redirectUris,
    grant_types: grantTypes,
    response_types: codes ? ['code'] : [],
    // OIDC Registration §2: plain http and private schemes are for programs on the person's own machine
    application_type: redirectUris.every((uri) => uri.startsWith('https://')) ? 'web' : 'native',
    token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
    ...(secret === undefined ? {} : { client_secret: secret }),
  }
}

function summaryOf({ id, origin, metadata, createdAt, usedAt }: ClientRecord, grants: number): ClientSummary {
  const texts = (name: string) => (Array.isArray(metadata[name]) ? (metadata[name] as string[]) : [])
  const name = metadata['client_name']
  return {
    id,
    origin,
    name: typeof name === 'string' ? name : undefined,
    redirectUris: texts('redirect_uris'),
    grantTypes: texts('grant_types'),
    auth: String(metadata['token_endpoint_auth_method'] ?? 'client_secret_basic'),
    grants,
    createdAt,
    usedAt,
  }
}

function documentSummary(id: string, grants: number): ClientSummary {
  const nothing = {
    name: undefined,
    redirectUris: [],
    grantTypes: [],
    createdAt: undefined,
    usedAt: undefined,
  }
  return { id, origin: 'document', ...nothing, auth: 'none', grants }
}
