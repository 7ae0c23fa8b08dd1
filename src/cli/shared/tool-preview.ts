// A look at the tools of an MCP server, as a client without a token sees them, for the commands that begin with one.
// Calls no tool, and takes no longer than a person likes to wait.
import type { Item } from '../../core/manifest.ts'
import { connect } from '../../inspect/client.ts'
import { type Found, found, missing } from '../../inspect/found.ts'
import { takeInventory } from '../../inspect/inventory.ts'
import { inTime } from '../../lib/in-time.ts'
import { membersOf } from '../../lib/json.ts'
import { type JudgedTool, judgeTool } from '../../manifest/tool-danger.ts'

export interface PreviewedTool extends JudgedTool {
  /** Its own word; proves nothing. */
  readonly readOnly: boolean
}

export interface PreviewedServer {
  /** What it calls itself for people. */
  readonly title: string | undefined
  readonly tools: readonly PreviewedTool[]
}

export type ToolPreview = Found<PreviewedServer>

/** @param ca PEM of the certificate authorities to trust instead of the usual ones */
export async function previewTools(
  url: string,
  ca: string | undefined,
  timeoutMs: number,
): Promise<ToolPreview> {
  return (await inTime(timeoutMs, listTools(url, ca))) ?? missing('it does not answer in time')
}

async function listTools(url: string, ca: string | undefined): Promise<ToolPreview> {
  const client = await connect({ url, headers: {}, ca })
  if (!client.ok) return client
  try {
    const inventory = await takeInventory(client.value)
    if (!inventory.ok) return inventory
    const { server, tools } = inventory.value
    return found({ title: server.title, tools: tools.flatMap(toTool) })
  } finally {
    await client.value.close()
  }
}

function toTool(tool: Item): PreviewedTool[] {
  const { name } = tool
  if (typeof name !== 'string') return []
  const readOnly = membersOf(tool['annotations'])?.['readOnlyHint'] === true
  return [{ ...judgeTool({ name, definition: tool }), readOnly }]
}
