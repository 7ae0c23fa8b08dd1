// Everything that a server lists: tools, prompts, resources and templates, page by page. A server that never comes to
// an end is left, with a sentence.
import { type Inventory, type Item, LISTINGS, type Listing } from '../core/manifest.ts'
import { membersOf } from '../lib/json.ts'
import type { Client } from './client.ts'
import { type Found, found, missing } from './found.ts'
import { resultOf } from './rpc.ts'

const MAX_PAGES = 100
const MAX_LISTED = 10_000
const METHOD_UNKNOWN = -32601

interface ListMethod {
  readonly method: string
  /** The member of the result that holds the items. */
  readonly member: string
  readonly capability: string
}

const METHODS: { readonly [L in Listing]: ListMethod } = {
  tools: { method: 'tools/list', member: 'tools', capability: 'tools' },
  prompts: { method: 'prompts/list', member: 'prompts', capability: 'prompts' },
  resources: { method: 'resources/list', member: 'resources', capability: 'resources' },
  templates: { method: 'resources/templates/list', member: 'resourceTemplates', capability: 'resources' },
}

/** D1: what a server does not declare is not asked for; what it declares and does not know is empty. */
export async function takeInventory(client: Client): Promise<Found<Inventory>> {
  const lists: Partial<Record<Listing, readonly Item[]>> = {}
  for (const listing of LISTINGS) {
    const { capability } = METHODS[listing]
    const listed = capability in client.capabilities ? await listAll(client, METHODS[listing]) : found([])
    if (!listed.ok) return listed
    lists[listing] = listed.value
  }
  const { tools = [], prompts = [], resources = [], templates = [] } = lists
  return found({ server: client.server, tools, prompts, resources, templates })
}

/** Its tools alone. */
export async function listTools(client: Client): Promise<Found<readonly Item[]>> {
  return METHODS.tools.capability in client.capabilities ? await listAll(client, METHODS.tools) : found([])
}

async function listAll(client: Client, list: ListMethod): Promise<Found<readonly Item[]>> {
  const items: Item[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await readPage(client, list, cursor)
    if (!page.ok) return page
    items.push(...page.value.items)
    if (items.length > MAX_LISTED) return missing(`${list.method} lists more than ${MAX_LISTED} items`)
    cursor = page.value.next
    if (cursor === undefined) return found(items)
    if (seen.has(cursor)) return missing(`${list.method} goes round in a circle: it names a cursor again`)
    seen.add(cursor)
  }
  return missing(`${list.method} has more than ${MAX_PAGES} pages`)
}

interface Page {
  readonly items: readonly Item[]
  readonly next: string | undefined
}

async function readPage(
  client: Client,
  { method, member }: ListMethod,
  cursor: string | undefined,
): Promise<Found<Page>> {
  const answer = await client.request(method, cursor === undefined ? {} : { cursor })
  if (answer.ok && answer.value.error?.code === METHOD_UNKNOWN) return found({ items: [], next: undefined })
  const result = resultOf(method, answer)
  if (!result.ok) return result
  const listed = result.value[member] ?? []
  if (!Array.isArray(listed)) return missing(`${method} was answered without a list of ${member}`)
  const next = result.value['nextCursor']
  return found({
    items: listed.map(membersOf).filter((item) => item !== undefined),
    next: typeof next === 'string' ? next : undefined,
  })
}
