// Opens @modelcontextprotocol/client, generation 2: probes for protocol 2026-07-28 first and falls back to the
// handshake before it. Loaded when the demo runs, because an installed portcullis does not bring the SDK along.
import { loadModule } from './packages.ts'
import type { Opener } from './session.ts'

type Module = typeof import('@modelcontextprotocol/client')

export const openV2: Opener = async (url, login, fetch, load = loadModule) => {
  const { Client, StreamableHTTPClientTransport } = (await load('@modelcontextprotocol/client')) as Module
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: login, fetch })
  const client = new Client(
    { name: 'portcullis-demo', version: '2' },
    { versionNegotiation: { mode: 'auto' } },
  )
  return {
    connect: () => client.connect(transport),
    finishAuth: (parameters) => transport.finishAuth(parameters),
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, args, onProgress) =>
      client.callTool({ name, arguments: args }, { onprogress: ({ progress }) => onProgress(progress) }),
    version: () => transport.protocolVersion,
    close: () => client.close(),
  }
}
