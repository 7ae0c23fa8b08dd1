// What a server lists, told to AuthSec as its SDKs tell it (`PUT …/sdk-manifest`). It is for the administrator there, and
// decides nothing here. Lists nothing itself.
import type { RemotePolicySettings } from '../core/settings-remote.ts'
import { createHttpClient } from '../lib/bounded-http.ts'
import { authsecAddress } from './authsec.ts'

/** A tool as `tools/list` gives it. */
export type ListedTool = Readonly<Record<string, unknown>>

const PUBLISH_TIMEOUT_MS = 30_000
const MAX_PUBLISHED_BYTES = 65_536

/** Why it was not taken; undefined when it was. */
export async function publishSdkManifest(
  remote: RemotePolicySettings,
  tools: readonly ListedTool[],
): Promise<string | undefined> {
  const { url, headers } = authsecAddress(remote, 'sdk-manifest')
  const httpClient = createHttpClient({ timeoutMs: PUBLISH_TIMEOUT_MS, ca: remote.ca })
  try {
    const outcome = await httpClient.ask({
      ...{ url, method: 'PUT', maxBytes: MAX_PUBLISHED_BYTES },
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(sdkManifest(tools, remote.suggestedScopes)),
    })
    if (!outcome.ok) return outcome.why
    const { status } = outcome.answer
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`
  } finally {
    await httpClient.close()
  }
}

/** Members that are empty are left out, as the SDKs do. */
function sdkManifest(
  tools: readonly ListedTool[],
  suggested: RemotePolicySettings['suggestedScopes'],
): object {
  return {
    tools: tools.map(({ name, title, description, inputSchema, annotations }) => ({
      name,
      title: title || undefined,
      description: description || undefined,
      input_schema: inputSchema,
      annotations,
      suggested_scopes: suggested.get(String(name)),
    })),
  }
}
