// Keycloak with its realm, the MCP server, and the gateway between them and the clients.

import { freePort } from '../../support/free-port.ts'
import { type NotesServer, startNotes } from '../harness/notes.ts'
import { type PresetGateway, type Replacements, startPreset } from '../harness/preset.ts'
import { GATEWAY, makeRealm, type Realm } from './realm.ts'
import { createKeycloak, type Keycloak } from './server.ts'

export interface World {
  readonly keycloak: Keycloak
  readonly realm: Realm
  readonly notes: NotesServer
  readonly gateway: PresetGateway
  /** Where the gateways of the other parts are. */
  readonly signInOrigin: string
  readonly browserOrigin: string
  close(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const keycloak = await createKeycloak()
  await keycloak.start()
  const [origin, signInOrigin, browserOrigin] = [await local(), await local(), await local()]
  const resources = [`${origin}/notes/mcp`, `${browserOrigin}/notes/mcp`]
  const realm = await makeRealm(keycloak.origin, resources, [signInOrigin, browserOrigin])
  const notes = await startNotes()
  const gateway = await startPreset({
    preset: 'keycloak',
    origin,
    upstream: notes.url,
    replace: keycloakNames(realm.issuer),
    env: { KEYCLOAK_CLIENT_SECRET: GATEWAY.secret },
  })
  return {
    ...{ keycloak, realm, notes, gateway, signInOrigin, browserOrigin },
    async close() {
      await gateway.close()
      await notes.close()
      await keycloak.stop()
    },
  }
}

async function local(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

function keycloakNames(issuer: string): Replacements {
  return [
    ['issuer: https://login.example.com/realms/acme', `issuer: ${issuer}\n    allow_insecure_issuer: true`],
  ]
}
