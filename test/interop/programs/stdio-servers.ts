// Other people's MCP servers that are programs: how each is started, and what it can be asked without the internet. They run
// exactly as published; nothing here works around a fault of theirs. What is not here is skipped with a reason.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildForeign, GO_STDIO, PYTHON_STDIO, type Recipe, RUST_STDIO } from '../../upstreams/foreign.ts'
import { programOf } from '../harness/packages.ts'
import type { ToolCall } from '../harness/servers.ts'

export type Command = readonly [string, ...string[]]

export interface StdioServer {
  /** With the version that runs. */
  readonly name: string
  readonly from: 'npm' | 'PyPI' | 'Go' | 'crates.io'
  /** A tool it must list. */
  readonly tool: string
  /** A call that needs no internet, or why there is none and the server is only listed. */
  readonly call: ToolCall | string
  /** What to run, or why it is not there. `folder` is empty and the server's own. */
  command(folder: string): Promise<Command | string>
  /** Of the program, beside PATH and HOME. Keys are made up. */
  readonly env?: Readonly<Record<string, string>>
}

const npm = (packageName: string, command: string, ...args: readonly string[]) => ({
  from: 'npm' as const,
  command: async (): Promise<Command> => [process.execPath, programOf(packageName, command), ...args],
})

/** A virtual environment for each list of requirements. */
function environment(name: string, ...files: readonly [string, ...string[]]): Recipe {
  const sources = files.map((file) => join(import.meta.dirname, file)) as [string, ...string[]]
  return {
    name,
    sources,
    build: async (folder, run) => {
      await run('python3', ['-m', 'venv', '--clear', join(folder, 'venv')])
      await run(join(folder, 'venv/bin/pip'), ['install', '-q', '-r', sources[0]])
    },
    start: (folder) => [join(folder, 'venv/bin/python')],
  }
}
const PYPI = environment('python-servers', 'requirements.txt')
const PYPI_SQLITE = environment(
  'python-sqlite-server',
  'requirements-sqlite.txt',
  '../world/clients/python/requirements-mcp1.txt',
)

const pypi = (recipe: Recipe, module: string, args: (folder: string) => readonly string[] = () => []) => ({
  from: 'PyPI' as const,
  command: async (folder: string): Promise<Command | string> => {
    const found = await buildForeign(recipe)
    return typeof found === 'string' ? found : [...found.program, '-m', module, ...args(folder)]
  },
})
const built = (recipe: Recipe) => async (): Promise<Command | string> => {
  const found = await buildForeign(recipe)
  return typeof found === 'string' ? found : found.program
}

const ASKS_THE_INTERNET = 'every tool of it asks the internet'
const NEEDS_A_BROWSER = 'its tools need a browser that it downloads from the internet'
const say = (argument: string): ToolCall => ({ tool: 'echo', args: { [argument]: 'ahoy' }, holds: 'ahoy' })

/** `origin`: of a page on this machine, for a server that fetches. */
export function stdioServers(origin: string): readonly StdioServer[] {
  return [...NPM, ...pypiServers(origin), ...OWN]
}

const NPM: readonly StdioServer[] = [
  {
    name: 'server-everything 2026.8.31',
    tool: 'echo',
    call: say('message'),
    ...npm('@modelcontextprotocol/server-everything', 'mcp-server-everything', 'stdio'),
  },
  {
    name: 'server-filesystem 2026.8.31',
    tool: 'read_text_file',
    call: { tool: 'list_allowed_directories', args: {}, holds: 'server-filesystem' },
    ...npm('@modelcontextprotocol/server-filesystem', 'mcp-server-filesystem', '.'),
  },
  {
    name: 'server-memory 2026.8.31',
    tool: 'read_graph',
    call: { tool: 'read_graph', args: {}, holds: 'entities' },
    ...npm('@modelcontextprotocol/server-memory', 'mcp-server-memory'),
    env: { MEMORY_FILE_PATH: 'memory.json' },
  },
  {
    name: 'server-sequential-thinking 2026.8.31',
    tool: 'sequentialthinking',
    call: {
      tool: 'sequentialthinking',
      args: { thought: 'a thought', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
      holds: 'thoughtNumber',
    },
    ...npm('@modelcontextprotocol/server-sequential-thinking', 'mcp-server-sequential-thinking'),
  },
  {
    name: 'server-basic-vanillajs 2.0.3',
    tool: 'get-time',
    call: { tool: 'get-time', args: {}, holds: 'T' },
    ...npm('@modelcontextprotocol/server-basic-vanillajs', 'mcp-server-basic-vanillajs', '--stdio'),
  },
  {
    name: 'server-map 2.0.3',
    tool: 'geocode',
    call: { tool: 'show-map', args: { label: 'here' }, holds: '51.7' },
    ...npm('@modelcontextprotocol/server-map', 'mcp-server-map', '--stdio'),
  },
  {
    name: 'context7 4.1.1',
    tool: 'resolve-library-id',
    call: ASKS_THE_INTERNET,
    ...npm('@upstash/context7-mcp', 'context7-mcp'),
    env: { OTEL_SDK_DISABLED: 'true' },
  },
  {
    name: 'playwright 0.0.83',
    tool: 'browser_navigate',
    call: NEEDS_A_BROWSER,
    ...npm('@playwright/mcp', 'playwright-mcp', '--headless'),
  },
  {
    name: 'chrome-devtools 1.11.0',
    tool: 'list_pages',
    call: NEEDS_A_BROWSER,
    ...npm('chrome-devtools-mcp', 'chrome-devtools-mcp', '--headless', '--no-usage-statistics'),
  },
  {
    name: 'notion 2.5.2',
    tool: 'API-get-self',
    call: ASKS_THE_INTERNET,
    ...npm('@notionhq/notion-mcp-server', 'notion-mcp-server'),
    env: { NOTION_TOKEN: 'ntn_interop' },
  },
  {
    name: 'brave-search 2.1.4',
    tool: 'brave_web_search',
    call: ASKS_THE_INTERNET,
    ...npm('@brave/brave-search-mcp-server', 'brave-search-mcp-server'),
    env: { BRAVE_API_KEY: 'interop' },
  },
  {
    name: 'firecrawl 3.22.2',
    tool: 'firecrawl_scrape',
    call: ASKS_THE_INTERNET,
    ...npm('firecrawl-mcp', 'firecrawl-mcp'),
    env: { FIRECRAWL_API_KEY: 'fc-interop' },
  },
  {
    name: 'figma 0.13.2',
    tool: 'get_figma_data',
    call: ASKS_THE_INTERNET,
    ...npm(
      'figma-developer-mcp',
      'figma-developer-mcp',
      '--stdio',
      '--figma-api-key=interop',
      '--no-telemetry',
    ),
  },
]

const pypiServers = (origin: string): readonly StdioServer[] => [
  {
    name: 'mcp-server-time 2026.10.19',
    tool: 'convert_time',
    call: { tool: 'get_current_time', args: { timezone: 'Europe/Berlin' }, holds: 'Europe/Berlin' },
    ...pypi(PYPI, 'mcp_server_time'),
  },
  {
    name: 'mcp-server-git 2026.10.19',
    tool: 'git_log',
    call: { tool: 'git_status', args: { repo_path: '.' }, holds: 'note.txt' },
    ...pypi(PYPI, 'mcp_server_git', (folder) => {
      execFileSync('git', ['init', '-q', folder])
      writeFileSync(join(folder, 'note.txt'), 'a note')
      return ['--repository', folder]
    }),
  },
  {
    name: 'mcp-server-fetch 2026.10.24',
    tool: 'fetch',
    call: { tool: 'fetch', args: { url: `${origin}/page`, raw: true }, holds: 'a page of this machine' },
    ...pypi(PYPI, 'mcp_server_fetch', () => ['--ignore-robots-txt', '--allow-private-ips']),
  },
  {
    name: 'mcp-server-sqlite 2025.4.25',
    tool: 'read_query',
    call: { tool: 'read_query', args: { query: "SELECT 'a' || 'hoy' AS word" }, holds: 'ahoy' },
    ...pypi(PYPI_SQLITE, 'mcp_server_sqlite', (folder) => ['--db-path', join(folder, 'notes.db')]),
  },
]

/** Small ones on SDKs of other languages. */
const OWN: readonly StdioServer[] = [
  {
    name: 'fastmcp 3.4.11',
    from: 'PyPI',
    tool: 'echo',
    call: say('text'),
    command: built(PYTHON_STDIO('python_fastmcp.py')),
  },
  { name: 'go-sdk 1.8.0', from: 'Go', tool: 'echo', call: say('text'), command: built(GO_STDIO) },
  { name: 'rmcp 3.11.0', from: 'crates.io', tool: 'echo', call: say('text'), command: built(RUST_STDIO) },
]
