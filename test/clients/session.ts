// The official clients behind the same verbs, so that a test can be written once for both generations and both eras.
// They are used as published; each answers what a server may ask of it.
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { LoginProvider } from './login-provider.ts'

export const KINDS = ['client 1.x', 'client 2.x', 'client 2.x before 2026-07-28'] as const
export type Kind = (typeof KINDS)[number]

export type Authority = { readonly token: string } | { readonly provider: LoginProvider }

export interface CallOptions {
  readonly onProgress?: (progress: number) => void
  readonly signal?: AbortSignal
}

/** The verbs of a client that the gateway may meet. */
export interface Session {
  readonly modern: boolean
  readonly sessionId: string | undefined
  tools(): Promise<string[]>
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<object>
  resources(): Promise<string[]>
  templates(): Promise<string[]>
  read(uri: string): Promise<object>
  prompts(): Promise<string[]>
  prompt(name: string, args?: Record<string, string>): Promise<object>
  complete(prompt: string, argument: string, value: string): Promise<string[]>
  setLevel(): Promise<unknown>
  /** Watches a resource, in the way of the era; resolves when that was accepted. */
  watch(uri: string): Promise<unknown>
  /** Ends the session at the server, where there is one. */
  end(): Promise<void>
  close(): Promise<void>
}

const CAPABILITIES = { sampling: {}, elicitation: {}, roots: {} }
const SAMPLE = { role: 'assistant', content: { type: 'text', text: 'from the model' }, model: 'm' } as const
const FORM = { action: 'accept', content: { username: 'u', email: 'e@example.com', name: 'n' } } as const

export function open(kind: Kind, url: string, authority: Authority): Promise<Session> {
  return kind === 'client 1.x' ? openV1(url, authority) : openV2(url, authority, kind === 'client 2.x')
}

async function openV1(url: string, authority: Authority): Promise<Session> {
  const client = new ClientV1({ name: 'test', version: '1' }, { capabilities: CAPABILITIES })
  client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLE)
  client.setRequestHandler(ElicitRequestSchema, () => FORM)
  const transport = new HttpV1(new URL(url), optionsFor(authority))
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return {
    ...shared(client as unknown as Verbs),
    modern: false,
    get sessionId() {
      return transport.sessionId
    },
    call: (name, args = {}, { onProgress, signal } = {}) =>
      client.callTool({ name, arguments: args }, undefined, requestOptions(onProgress, signal)),
    watch: (uri) => client.subscribeResource({ uri }),
    end: () => transport.terminateSession(),
  }
}

async function openV2(url: string, authority: Authority, modern: boolean): Promise<Session> {
  const client = new ClientV2(
    { name: 'test', version: '2' },
    { capabilities: CAPABILITIES, versionNegotiation: { mode: modern ? 'auto' : 'legacy' } },
  )
  client.setRequestHandler('sampling/createMessage', () => SAMPLE)
  client.setRequestHandler('elicitation/create', () => FORM)
  const transport = new HttpV2(new URL(url), optionsFor(authority))
  await client.connect(transport)
  return {
    ...shared(client as unknown as Verbs),
    modern,
    get sessionId() {
      return transport.sessionId
    },
    call: (name, args = {}, { onProgress, signal } = {}) =>
      client.callTool({ name, arguments: args }, requestOptions(onProgress, signal)),
    async watch(uri) {
      if (!modern) return await client.subscribeResource({ uri })
      const subscription = await client.listen({ resourceSubscriptions: [uri] })
      await subscription.close()
      return subscription.honoredFilter
    },
    end: () => transport.terminateSession(),
  }
}

function optionsFor(authority: Authority) {
  return 'token' in authority
    ? { requestInit: { headers: { authorization: `Bearer ${authority.token}` } } }
    : { authProvider: authority.provider }
}

function requestOptions(onProgress: CallOptions['onProgress'], signal: AbortSignal | undefined) {
  return {
    ...(onProgress ? { onprogress: ({ progress }: { progress: number }) => onProgress(progress) } : {}),
    ...(signal ? { signal } : {}),
  }
}

/** What both generations call the same. */
interface Verbs {
  listTools(): Promise<{ tools: { name: string }[] }>
  listResources(): Promise<{ resources: { uri: string }[] }>
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>
  readResource(params: { uri: string }): Promise<object>
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<object>
  complete(params: object): Promise<{ completion: { values: string[] } }>
  setLoggingLevel(level: string): Promise<unknown>
  close(): Promise<void>
}

function shared(client: Verbs) {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    read: (uri: string) => client.readResource({ uri }),
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    prompt: (name: string, args: Record<string, string> = {}) => client.getPrompt({ name, arguments: args }),
    async complete(prompt: string, name: string, value: string) {
      const ref = { type: 'ref/prompt', name: prompt }
      return (await client.complete({ ref, argument: { name, value } })).completion.values
    },
    setLevel: () => client.setLoggingLevel('debug'),
    close: () => client.close(),
  }
}
