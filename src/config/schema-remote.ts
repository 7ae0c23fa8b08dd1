// The shape of `policy.source` and `policy.authsec`: rules for tools that are kept elsewhere.
import { z } from 'zod'
import type { RemotePolicySettings } from '../core/settings-remote.ts'
import { endpointUrl } from './addresses.ts'
import { scopeList, secret, text } from './scalars.ts'
import { authorities } from './schema-reach.ts'

export const source = z
  .enum(['local', 'authsec', 'authsec_else_local'])
  .describe(
    'Where rules for tools come from: `local`: this file; `authsec`: AuthSec alone; `authsec_else_local`: the rules of this file while AuthSec cannot be read.',
  )
  .prefault('local')

export const authsec = z.strictObject({
  url: endpointUrl
    .describe('Where AuthSec is; `AUTHSEC_AUTHORIZATION_SERVER` of its SDKs, else `AUTHSEC_ISSUER`.')
    .prefault('https://prod.api.authsec.ai'),
  ca: authorities,
  resource_server: text.describe('Id of this server at AuthSec.'),
  client_id: text
    .describe('Introspection client of this server, where it is not the id of `resource_server`.')
    .optional(),
  secret: secret.describe('Its introspection secret.'),
  publish_manifest: z
    .boolean()
    .describe('Tell AuthSec at each start which tools the server lists. It decides nothing here.')
    .prefault(false),
  suggested_scopes: z
    .record(text, scopeList)
    .describe(
      'Scopes that AuthSec proposes to its administrator for a tool, with `publish_manifest`. They grant nothing.',
    )
    .prefault({}),
  legacy_empty: z
    .enum(['deny', 'public'])
    .describe(
      'What an empty list of scopes means in the older form of the document, the one without `tool_policy`.',
    )
    .prefault('deny'),
})

/** Nothing for `local`. */
export function remoteOf(
  written: z.output<typeof source>,
  block: z.output<typeof authsec> | undefined,
): { readonly remote?: RemotePolicySettings } {
  if (written === 'local' || block === undefined) return {}
  const remote: RemotePolicySettings = {
    kind: 'authsec',
    url: block.url,
    ca: block.ca,
    resourceServer: block.resource_server,
    clientId: block.client_id ?? block.resource_server,
    secret: block.secret,
    publishManifest: block.publish_manifest,
    suggestedScopes: new Map(Object.entries(block.suggested_scopes)),
    orLocal: written === 'authsec_else_local',
    legacyEmpty: block.legacy_empty,
  }
  return { remote }
}
