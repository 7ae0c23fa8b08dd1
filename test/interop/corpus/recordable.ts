// The clients that can be run here: those of the table (../world/programs.ts), and programs that people use.
import { join } from 'node:path'
import { programOf } from '../harness/packages.ts'
import pins from '../package.json' with { type: 'json' }
import { GO_SDK_1_8 } from '../world/clients/go-sdk.ts'
import { FASTMCP_CLIENT, PYTHON_1, PYTHON_2 } from '../world/clients/python.ts'
import { RUST_DISCOVER } from '../world/clients/rust.ts'
import { TYPESCRIPT_1, TYPESCRIPT_2 } from '../world/clients/typescript.ts'
import type { Built, ClientProgram } from '../world/contract.ts'
import type { TokenLife } from './recorder.ts'

export interface Recordable {
  /** Name of its file in the corpus. */
  readonly file: string
  readonly client: string
  /** The package and its exact version. */
  readonly version: string
  readonly build: () => Promise<Built>
  readonly steps: readonly string[]
  /** `told` for a client that looks at the time itself; one that refreshes long before the end would always refresh. */
  readonly tokens: TokenLife
  /** Whether it can be asked what it makes of other answers. */
  readonly reacts: boolean
}

const STEPS = ['connect', 'list', 'call', 'step-up', 'refresh'] as const

const ofTable = (
  file: string,
  client: string,
  { sdk: version, build, cannot = {} }: ClientProgram,
  tokens: TokenLife = 'silent',
): Recordable => ({
  ...{ file, client, version, build, tokens, reacts: true },
  steps: STEPS.filter((step) => !(step in cannot)),
})

const ofNode = (program: string, command: () => string[]) => async (): Promise<Built> => [
  process.execPath,
  join(import.meta.dirname, 'clients', program),
  ...command(),
]

/** `npm:mcp-remote@0.1.38` is a second version under another name. */
const versionOf = (name: keyof typeof pins.dependencies) => pins.dependencies[name].split('@').at(-1)

const mcpRemote = (file: 'mcp-remote' | 'mcp-remote-before', client: string): Recordable => ({
  ...{ file, client, version: `mcp-remote ${versionOf(file)}`, steps: STEPS, tokens: 'silent', reacts: true },
  build: ofNode('mcp-remote.ts', () => [programOf(file, 'mcp-remote')]),
})

export const RECORDABLE: readonly Recordable[] = [
  ofTable('typescript-sdk-1', 'TypeScript SDK 1.x', TYPESCRIPT_1),
  ofTable('typescript-sdk-2', 'TypeScript SDK 2.x', TYPESCRIPT_2),
  ofTable('python-sdk-1', 'Python SDK 1.x', PYTHON_1, 'told'),
  ofTable('python-sdk-2', 'Python SDK 2.x', PYTHON_2, 'told'),
  ofTable('fastmcp', 'FastMCP (Python)', FASTMCP_CLIENT, 'told'),
  ofTable('go-sdk', 'Go SDK', GO_SDK_1_8, 'told'),
  ofTable('rust-sdk', 'Rust SDK', RUST_DISCOVER, 'told'),
  mcpRemote('mcp-remote', 'mcp-remote'),
  mcpRemote('mcp-remote-before', 'mcp-remote before 0.15'),
  {
    ...{ file: 'inspector', client: 'MCP Inspector' },
    version: `@modelcontextprotocol/inspector ${versionOf('@modelcontextprotocol/inspector')}`,
    ...{ build: ofNode('inspector.ts', () => []), tokens: 'silent', reacts: false },
    // It lists before it calls, and calls nothing that the list left out.
    steps: STEPS.filter((step) => step !== 'step-up'),
  },
]
