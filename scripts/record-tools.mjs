// Records what real MCP servers list, into test/tool-lists/: each is started over stdio from the packages of
// test/interop, asked for its lists, and ended. No tool is called;
// icons and `_meta` are left out. `node scripts/record-tools.mjs [name …]`
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const PATIENCE_MS = 60_000

/** Package → how it is started; `command` when the package has several. Keys are made up: nothing is called. */
const SERVERS = {
  '@modelcontextprotocol/server-everything': { args: ['stdio'] },
  '@modelcontextprotocol/server-filesystem': { args: ['.'] },
  '@modelcontextprotocol/server-memory': {},
  '@modelcontextprotocol/server-sequential-thinking': {},
  '@modelcontextprotocol/server-basic-vanillajs': { args: ['--stdio'] },
  '@modelcontextprotocol/server-map': { args: ['--stdio'] },
  '@playwright/mcp': { args: ['--headless'] },
  '@upstash/context7-mcp': {},
  '@notionhq/notion-mcp-server': { env: { NOTION_TOKEN: 'ntn_recording' } },
  'figma-developer-mcp': { args: ['--stdio', '--figma-api-key', 'recording', '--no-telemetry'] },
  '@brave/brave-search-mcp-server': { env: { BRAVE_API_KEY: 'recording' } },
  'firecrawl-mcp': { env: { FIRECRAWL_API_KEY: 'fc-recording' } },
  'chrome-devtools-mcp': { args: ['--headless', '--no-usage-statistics'] },
}

const LISTS = {
  tools: ['tools/list', 'tools', 'tools'],
  prompts: ['prompts/list', 'prompts', 'prompts'],
  resources: ['resources/list', 'resources', 'resources'],
  templates: ['resources/templates/list', 'resourceTemplates', 'resources'],
}

const wanted = process.argv.slice(2)
mkdirSync(root('test/tool-lists'), { recursive: true })
for (const [name, start] of Object.entries(SERVERS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { version, license, program } = packageOf(name)
  const lists = await record(program, start)
  const file = `test/tool-lists/${name.replace(/^@/, '').replace('/', '-')}.json`
  writeFileSync(root(file), `${JSON.stringify({ package: name, version, license, ...lists })}\n`)
  console.log(`${name} ${version}: ${lists.tools.length} tools`)
}
execFileSync(root('node_modules/.bin/biome'), ['format', '--write', root('test/tool-lists')], {
  stdio: 'ignore',
})

function packageOf(name) {
  const folders = [root(`test/interop/node_modules/${name}`), root(`node_modules/${name}`)]
  const folder = folders.find((candidate) => existsSync(join(candidate, 'package.json')))
  if (folder === undefined) throw new Error(`${name} is not installed; run npm ci in test/interop`)
  const { version, license, bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [file] = typeof bin === 'string' ? [bin] : Object.values(bin)
  return { version, license, program: join(folder, file) }
}

async function record(program, { args = [], env = {} }) {
  const cwd = mkdtempSync(join(tmpdir(), 'portcullis-record-'))
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, OTEL_SDK_DISABLED: 'true', DO_NOT_TRACK: '1', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  try {
    const text = JSON.stringify(await listAll(createPeer(child)))
    return JSON.parse(text.replaceAll(cwd, '/srv/files'))
  } finally {
    child.kill()
    rmSync(cwd, { recursive: true, force: true })
  }
}

async function listAll(ask) {
  const { serverInfo, capabilities } = await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'portcullis-record', version: '1' },
  })
  ask('notifications/initialized')
  const lists = { server: { name: serverInfo.name, version: serverInfo.version } }
  for (const [list, [method, member, capability]] of Object.entries(LISTS)) {
    lists[list] = []
    let cursor
    do {
      if (capabilities[capability] === undefined) break
      const page = await ask(method, cursor === undefined ? {} : { cursor }).catch(() => ({ [member]: [] }))
      lists[list].push(...page[member].map(({ icons: _icons, _meta, ...item }) => item))
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }
  return lists
}

/** A function that sends a request and resolves with its result; a notification has no parameters here. */
function createPeer(child) {
  const waiting = new Map()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const { id, result, error } = JSON.parse(line)
    const settle = waiting.get(id)
    if (settle === undefined) return
    waiting.delete(id)
    if (error) settle.reject(new Error(error.message))
    else settle.resolve(result)
  })
  let last = 0
  return (method, params) => {
    const id = params === undefined ? undefined : ++last
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    if (id === undefined) return undefined
    const { promise, resolve, reject } = Promise.withResolvers()
    waiting.set(id, { resolve, reject })
    const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS)
    child.once('exit', () => reject(new Error(`${method}: the server ended`)))
    return promise.finally(() => clearTimeout(timer))
  }
}
