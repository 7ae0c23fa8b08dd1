// A look at the tools of an MCP server, as a client without a token sees them, for the commands that begin with one.
// Calls no tool, and takes no longer than a person likes to wait.
import type { Item } from '../../core/manifest.ts'
import { createProgramClient, type ProgramRoute } from '../../gateway/program-client.ts'
import { type ConnectOptions, connect } from '../../inspect/client.ts'
import { type Found, found, missing } from '../../inspect/found.ts'
import { takeInventory } from '../../inspect/inventory.ts'
import { inTime } from '../../lib/in-time.ts'
import { membersOf } from '../../lib/json.ts'
import { type JudgedTool, judgeTool } from '../../manifest/tool-danger.ts'
import { type Io, stopped } from './command.ts'
import { tellLineOf } from './program-lines.ts'

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
  const looking = listTools({ url, headers: {}, ca })
  return (await inTime(timeoutMs, looking)) ?? missing(LATE)
}

/** The program of a route: it is started for this, told of no caller, and gone in the end, also when it was broken off. */
export async function previewProgram(route: ProgramRoute, io: Io): Promise<ToolPreview> {
  const http = createProgramClient(route, tellLineOf(route.name, io.stderr))
  const looking = listTools({ url: '', headers: {}, http }).catch(() => missing(LATE)) // it was ended meanwhile
  const brokenOff = stopped(io.stop).then(() => missing('it was broken off'))
  try {
    return (await inTime(PROGRAM_MS, Promise.race([looking, brokenOff]))) ?? missing(LATE)
  } finally {
    await http.close()
  }
}

const LATE = 'it does not answer in time'
/** A runner such as npx may have to fetch the program, and starts it for each revision of MCP that is tried. */
const PROGRAM_MS = 120_000

async function listTools(options: ConnectOptions): Promise<ToolPreview> {
  const client = await connect(options)
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
