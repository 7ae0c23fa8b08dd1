// What people are told of the servers behind the routes: title and icon of the file, else what a server calls itself and
// the picture that it names, and what its tools do. A server is asked when a page first needs it, in the background, and never
// for longer than a person would wait; a program is not started for that. It fetches no picture.
import type { ServerDescription } from '../as/people.ts'
import type { Item } from '../core/manifest.ts'
import { isProgram, type RouteSettings } from '../core/settings.ts'
import { connect } from '../inspect/client.ts'
import { createProbeClient, type ProbeClient } from '../inspect/http.ts'
import { listTools } from '../inspect/inventory.ts'
import { upstreamTargetOf } from '../inspect/upstream-target.ts'
import { inTime } from '../lib/in-time.ts'
import { readImage } from '../lib/raster-image.ts'
import { loadManifest } from '../manifest/file.ts'
import { type JudgedTool, judgeTool } from '../manifest/tool-danger.ts'
import { imageAt } from './branding.ts'
import { iconUrlIn } from './icon-url.ts'
import { scopeDangers } from './scope-dangers.ts'

export interface ServerDescriptions {
  of(route: RouteSettings): () => Promise<ServerDescription>
  /** Questions that are under way fail. */
  close(): Promise<void>
}

/** What a server said of itself. */
interface Asked {
  readonly title: string | undefined
  readonly icon: Pick<ServerDescription, 'icon' | 'iconUrl'>
  readonly tools: readonly JudgedTool[] | undefined
}

const KEPT_MS = 10 * 60_000
const FAILED_MS = 60_000
/** A page shows less. */
const MAX_TITLE_CHARS = 200
/** How long a page waits. What comes later is there for the next page. */
const PATIENCE_MS = 1_000

export function createServerDescriptions(now: () => number): ServerDescriptions {
  const clients = new Set<ProbeClient>()
  return {
    of: (route) => describing(route, now, clients),
    close: async () => void (await Promise.all([...clients].map((client) => client.close()))),
  }
}

function describing(
  route: RouteSettings,
  now: () => number,
  clients: Set<ProbeClient>,
): () => Promise<ServerDescription> {
  const icon = imageAt(route.icon)
  const approved = approvedTools(route)
  const describe = (asked: Asked | undefined): ServerDescription => ({
    title: route.title ?? asked?.title,
    ...(icon === undefined ? asked?.icon : { icon }),
    dangers: scopeDangers(route, approved ?? asked?.tools),
  })
  let known = { description: describe(undefined), until: Number.NEGATIVE_INFINITY }
  let asking: Promise<void> | undefined
  const isAllSaid = route.title !== undefined && icon !== undefined && approved !== undefined
  const isNeeded = !isProgram(route.upstream) && !isAllSaid
  const ask = async (): Promise<void> => {
    const asked = await askServer(route, clients).catch(() => undefined)
    known = {
      description: asked === undefined ? known.description : describe(asked),
      until: now() + (asked === undefined ? FAILED_MS : KEPT_MS),
    }
    asking = undefined
  }
  return async () => {
    if (isNeeded && known.until <= now()) {
      asking ??= ask()
      await inTime(PATIENCE_MS, asking)
    }
    return known.description
  }
}

function approvedTools({ manifest }: RouteSettings): readonly JudgedTool[] | undefined {
  const read = manifest === undefined ? undefined : loadManifest(manifest.file)
  return read?.ok ? read.manifest.tools.map(judgeTool) : undefined
}

async function askServer(route: RouteSettings, clients: Set<ProbeClient>): Promise<Asked | undefined> {
  const { url, headers, ca } = upstreamTargetOf(route)
  const http = createProbeClient(ca)
  clients.add(http)
  try {
    const opened = await connect({ url, headers, ca, http })
    if (!opened.ok) return undefined
    const { server, icons } = opened.value
    const iconUrl = iconUrlIn(icons)
    const listed = await listTools(opened.value)
    await opened.value.close()
    return {
      title: (server.title ?? server.name).slice(0, MAX_TITLE_CHARS) || undefined,
      icon: iconUrl === undefined ? {} : (imageIn(iconUrl) ?? { iconUrl }),
      tools: listed.ok ? toolsOf(listed.value) : undefined,
    }
  } finally {
    clients.delete(http)
    await http.close()
  }
}

function toolsOf(items: readonly Item[]): readonly JudgedTool[] {
  return items.flatMap((definition) => {
    const { name } = definition
    return typeof name === 'string' ? [judgeTool({ name, definition })] : []
  })
}

/** What a `data:` URL holds (RFC 2397), where that is a picture; undefined for any other URL. */
function imageIn(url: string): Pick<ServerDescription, 'icon'> | undefined {
  const comma = url.indexOf(',')
  const head = url.slice(0, comma).toLowerCase()
  if (!head.startsWith('data:')) return undefined
  const read = head.endsWith(';base64') ? readImage(Buffer.from(url.slice(comma + 1), 'base64')) : undefined
  return read?.ok ? { icon: read.url } : {}
}
