// The page that a tool shows (MCP Apps): a resource that its host reads, so a rule for resources has to open it too.
import type { Item } from '../core/manifest.ts'

export interface ToolPage {
  readonly tool: string
  readonly uri: string
}

/** `_meta.ui.resourceUri`, or the flat name that it had before. */
export function toolPages(tools: readonly Item[]): readonly ToolPage[] {
  return tools.flatMap(({ name, _meta }) => {
    const meta = itemOf(_meta)
    const uri = itemOf(meta['ui'])['resourceUri'] ?? meta['ui/resourceUri']
    return typeof name === 'string' && typeof uri === 'string' ? [{ tool: name, uri }] : []
  })
}

function itemOf(value: unknown): Item {
  return typeof value === 'object' && value !== null ? (value as Item) : {}
}
