// The official Go SDK and mcp-go, each with sessions and without.
import type { ServerProgram } from '../contract.ts'
import { buildGo } from '../go.ts'

const GO_SDK = {
  language: 'Go',
  sdk: 'github.com/modelcontextprotocol/go-sdk 1.8.0',
  build: () => buildGo('servers/go-sdk', 'go-sdk-server'),
}
const MCP_GO = {
  language: 'Go',
  sdk: 'github.com/mark3labs/mcp-go 1.2.1',
  build: () => buildGo('servers/mcp-go', 'mcp-go-server'),
}
const STATELESS = { STATELESS: '1' }
const NO_SESSION = 'without a session it keeps no events'

export const GO_SERVERS: readonly ServerProgram[] = [
  { ...GO_SDK, name: 'go-sdk' },
  { ...GO_SDK, name: 'go-sdk-stateless', env: STATELESS, cannot: { resume: NO_SESSION } },
  {
    ...MCP_GO,
    name: 'mcp-go',
    cannot: { resume: 'notifications of a call go to its own stream or to the GET stream, as it happens' },
  },
  { ...MCP_GO, name: 'mcp-go-stateless', env: STATELESS, cannot: { resume: NO_SESSION } },
]
