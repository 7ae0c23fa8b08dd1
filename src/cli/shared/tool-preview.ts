// A look at the tools of an MCP server, as a client without a token sees them, for the commands that begin with one.
// Calls no tool, and takes no longer than a person likes to wait.
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '../../inspect/client.ts'
import { type Found, found, missing } from '../../inspect/found.ts'
import { takeInventory } from '../../inspect/inventory.ts'

export interface PreviewedTool {
  readonly name: string
  /** Its own word; proves nothing. */
  readonly readOnly: boolean
}

export type ToolPreview = Found<readonly PreviewedTool[]>

/** @param ca PEM of the certificate authorities to trust instead of the usual ones */
export async function previewTools(
  url: string,
  ca: string | undefined,
  timeoutMs: number,
): Promise<ToolPreview> {
  const over = new AbortController()
  const late = delay(timeoutMs, missing('it does not answer in time'), { signal: over.signal })
  try {
    return await Promise.race([listTools(url, ca), late])
  } finally {
    late.catch(() => undefined)
    over.abort()
  }
}

async function listTools(url: string, ca: string | undefined): Promise<ToolPreview> {
  const client = await connect({ url, headers: {}, ca })
  if (!client.ok) return client
  try {
    const inventory = await takeInventory(client.value)
    return inventory.ok ? found(inventory.value.tools.flatMap(toTool)) : inventory
  } finally {
    await client.value.close()
  }
}

function toTool({ name, annotations }: Readonly<Record<string, unknown>>): PreviewedTool[] {
  if (typeof name !== 'string') return []
  const said = typeof annotations === 'object' && annotations !== null && 'readOnlyHint' in annotations
  return [{ name, readOnly: said && annotations.readOnlyHint === true }]
}
