// The realm `acme`, made by the steps that config/keycloak.yaml and docs/providers.md tell an operator, one by one.
import { PASSWORD } from '../harness/person.ts'
import { type Admin, createAdmin } from './admin.ts'

export const REALM = 'acme'
export const SCOPES = ['notes:read', 'notes:write']
/** The client that introspects. */
export const GATEWAY = { id: 'portcullis', secret: 'interop-introspection' }
/** The client at which people sign in: of the embedded authorization server, and of browsers. */
export const WEB = { id: 'portcullis-web', secret: 'interop-web' }

export interface Realm {
  readonly admin: Admin
  readonly issuer: string
  /** Their ids. */
  readonly people: { readonly ada: string; readonly grace: string }
  setEnabled(person: keyof Realm['people'], enabled: boolean): Promise<void>
  /** A new key that signs from now on. */
  rotateKeys(): Promise<void>
  /** Whether tokens name the client that introspects, which Keycloak wants since 26.6.2. */
  setGatewayAudience(named: boolean): Promise<void>
}

/**
 * @param resources the URLs of the routes that its tokens are for
 * @param web the origins at which people sign in with a browser
 */
export async function makeRealm(
  origin: string,
  resources: readonly string[],
  web: readonly string[],
): Promise<Realm> {
  const admin = createAdmin(origin)
  await admin.post('', { realm: REALM, enabled: true, sslRequired: 'none' })
  await admin.post(`/${REALM}/clients`, {
    clientId: GATEWAY.id,
    secret: GATEWAY.secret,
    publicClient: false,
    standardFlowEnabled: false,
  })
  const scopeIds: string[] = []
  for (const name of SCOPES) scopeIds.push(await makeScope(admin, name, resources))
  await trustThisMachine(admin)
  await makeWebClient(admin, web)
  const people = {
    ada: await makePerson(admin, 'ada', 'writers'),
    grace: await makePerson(admin, 'grace', 'readers'),
  }
  const { id: realmId } = await admin.get<{ id: string }>(`/${REALM}`)
  return {
    admin,
    issuer: `${origin}/realms/${REALM}`,
    people,
    setEnabled: (person, enabled) => admin.put(`/${REALM}/users/${people[person]}`, { enabled }),
    rotateKeys: async () => {
      await admin.post(`/${REALM}/components`, {
        name: 'a newer key',
        providerId: 'rsa-generated',
        providerType: 'org.keycloak.keys.KeyProvider',
        parentId: realmId,
        config: { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'] },
      })
    },
    async setGatewayAudience(named) {
      for (const id of scopeIds) await (named ? addGatewayAudience : removeGatewayAudience)(admin, id)
    },
  }
}

/** The mappers stand inside each scope: a client that registers with `scope` gets no default scope of the realm. */
async function makeScope(admin: Admin, name: string, resources: readonly string[]): Promise<string> {
  const id = await admin.post(`/${REALM}/client-scopes`, {
    name,
    protocol: 'openid-connect',
    attributes: { 'include.in.token.scope': 'true', 'display.on.consent.screen': 'true' },
    protocolMappers: resources.map((url) =>
      audienceMapper(`audience ${url}`, { 'included.custom.audience': url }),
    ),
  })
  await addGatewayAudience(admin, id)
  await admin.put(`/${REALM}/default-optional-client-scopes/${id}`, undefined)
  return id
}

function audienceMapper(name: string, config: object): object {
  return {
    name,
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: {
      'access.token.claim': 'true',
      'introspection.token.claim': 'true',
      'id.token.claim': 'false',
      ...config,
    },
  }
}

const FOR_GATEWAY = 'audience of the gateway'

async function addGatewayAudience(admin: Admin, scope: string): Promise<void> {
  const mapper = audienceMapper(FOR_GATEWAY, { 'included.client.audience': GATEWAY.id })
  await admin.post(`/${REALM}/client-scopes/${scope}/protocol-mappers/models`, mapper)
}

async function removeGatewayAudience(admin: Admin, scope: string): Promise<void> {
  const models = `/${REALM}/client-scopes/${scope}/protocol-mappers/models`
  const all = await admin.get<readonly { id: string; name: string }[]>(models)
  for (const { id, name } of all) if (name === FOR_GATEWAY) await admin.delete(`${models}/${id}`)
}

interface Component {
  readonly id: string
  readonly providerId: string
  readonly subType?: string
}

async function trustThisMachine(admin: Admin): Promise<void> {
  const type = 'org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy'
  const policies = await admin.get<readonly Component[]>(`/${REALM}/components?type=${type}`)
  const policy = policies.find(
    ({ providerId, subType }) => providerId === 'trusted-hosts' && subType === 'anonymous',
  )
  await admin.put(`/${REALM}/components/${policy?.id}`, {
    ...policy,
    config: {
      'trusted-hosts': ['127.0.0.1', 'localhost'],
      'host-sending-registration-request-must-match': ['false'],
      'client-uris-must-match': ['true'],
    },
  })
}

async function makeWebClient(admin: Admin, origins: readonly string[]): Promise<void> {
  await admin.post(`/${REALM}/clients`, {
    clientId: WEB.id,
    secret: WEB.secret,
    publicClient: false,
    redirectUris: origins.map((origin) => `${origin}/*`),
    protocolMappers: [
      {
        name: 'groups',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-group-membership-mapper',
        config: { 'full.path': 'false', 'claim.name': 'groups', 'id.token.claim': 'true' },
      },
    ],
  })
}

async function makePerson(admin: Admin, username: string, group: string): Promise<string> {
  const groupId = await admin.post(`/${REALM}/groups`, { name: group })
  const id = await admin.post(`/${REALM}/users`, {
    username,
    enabled: true,
    email: `${username}@example.com`,
    emailVerified: true,
    firstName: username,
    lastName: 'Example',
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
  })
  await admin.put(`/${REALM}/users/${id}/groups/${groupId}`, undefined)
  return id
}

/** Client ID metadata documents; over plain http, which is for tests on one machine. */
export async function allowDocuments(admin: Admin): Promise<void> {
  const name = 'mcp-documents'
  await admin.put(`/${REALM}/client-policies/profiles`, {
    profiles: [
      {
        name,
        executors: [
          {
            executor: 'client-id-metadata-document',
            configuration: {
              'cimd-allow-http-scheme': true,
              'cimd-allow-permitted-domains': ['127.0.0.1'],
            },
          },
        ],
      },
    ],
  })
  await admin.put(`/${REALM}/client-policies/policies`, {
    policies: [
      {
        name,
        enabled: true,
        conditions: [
          {
            condition: 'client-id-uri',
            configuration: {
              'client-id-uri-scheme': ['http', 'https'],
              'client-id-uri-allow-permitted-domains': ['127.0.0.1'],
            },
          },
        ],
        profiles: [name],
      },
    ],
  })
}
