// Opens @modelcontextprotocol/sdk, generation 1: the client that most MCP hosts run today. Loaded when the demo
// runs, because an installed portcullis does not bring the SDK along.
import { loadModule } from './packages.ts'
import type { Opener } from './session.ts'

type Module = typeof import('@modelcontextprotocol/sdk/client/index.js')
type TransportModule = typeof import('@modelcontextprotocol/sdk/client/streamableHttp.js')

export const openV1: Opener = async (url, login, fetch, load = loadModule) => {
  const { Client } = (await load('@modelcontextprotocol/sdk/client/index.js')) as Module
  const { StreamableHTTPClientTransport } = (await load(
    '@modelcontextprotocol/sdk/client/streamableHttp.js',
  )) as TransportModule
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: login, fetch })
  const client = new Client({ name: 'portcullis-demo', version: '1' })
  return {
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    connect: () => client.connect(transport as Parameters<typeof client.connect>[0]),
    finishAuth: (parameters) => transport.finishAuth(parameters.get('code') ?? ''),
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, args, onProgress) =>
      client.callTool({ name, arguments: args }, undefined, {
        onprogress: ({ progress }) => onProgress(progress),
      }),
    version: () => transport.protocolVersion,
    close: () => client.close(),
  }
}
