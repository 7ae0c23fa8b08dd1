// One connection of each generation of the SDK, behind the same verbs. It answers a form with Ada and a model's question
// with "a thought", and retries nothing on its own.
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
  SSEClientTransport as SseV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport as SseV1 } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { DemoLogin } from '../../../../../src/cli/demo/login.ts'
import type { Job } from '../../contract.ts'

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: () => void
}

export interface Peer {
  connect(): Promise<void>
  finishAuth(parameters: URLSearchParams): Promise<void>
  tools(): Promise<string[]>
  /** The text of the answer. */
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<string>
  close(): Promise<void>
}

export interface PeerOptions {
  readonly job: Job
  readonly login: DemoLogin | undefined
  /** A session was answered with 404. */
  readonly onLost: () => void
}

export type OpenPeer = (options: PeerOptions) => Peer

const INFO = { name: 'world', version: '1' }
const CAPABILITIES = { capabilities: { elicitation: {}, sampling: {} } }
const FORM = { action: 'accept' as const, content: { name: 'Ada' } }
const THOUGHT = {
  model: 'none',
  role: 'assistant' as const,
  content: { type: 'text' as const, text: 'a thought' },
}

export const openV1: OpenPeer = (options) => {
  const client = new ClientV1(INFO, CAPABILITIES)
  client.setRequestHandler(CreateMessageRequestSchema, () => THOUGHT)
  client.setRequestHandler(ElicitRequestSchema, () => FORM)
  const Transport = options.job.transport === 'sse' ? SseV1 : HttpV1
  const transport = new Transport(new URL(options.job.url), transportOptions(options))
  return {
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    connect: () => client.connect(transport as Parameters<typeof client.connect>[0]),
    finishAuth: (parameters) => transport.finishAuth(parameters.get('code') ?? ''),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, more) =>
      textOf(await client.callTool({ name, arguments: args }, undefined, requestOptions(more))),
    close: () => client.close(),
  }
}

export const openV2: OpenPeer = (options) => {
  const client = new ClientV2(INFO, { ...CAPABILITIES, versionNegotiation: { mode: 'auto' } })
  client.setRequestHandler('sampling/createMessage', () => THOUGHT)
  client.setRequestHandler('elicitation/create', () => FORM)
  const Transport = options.job.transport === 'sse' ? SseV2 : HttpV2
  const transport = new Transport(new URL(options.job.url), transportOptions(options))
  return {
    connect: () => client.connect(transport),
    finishAuth: (parameters) => transport.finishAuth(parameters),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, more) =>
      textOf(await client.callTool({ name, arguments: args }, requestOptions(more))),
    close: () => client.close(),
  }
}

function transportOptions({ job: { token }, login, onLost }: PeerOptions) {
  const watched = async (url: string | URL, init?: RequestInit) => {
    const answer = await fetch(url, init)
    if (answer.status === 404 && new Headers(init?.headers).has('mcp-session-id')) onLost()
    return answer
  }
  return {
    fetch: watched,
    ...(login !== undefined && { authProvider: login }),
    ...(token !== undefined && { requestInit: { headers: { Authorization: `Bearer ${token}` } } }),
  }
}

function requestOptions({ signal, onProgress }: CallOptions = {}) {
  return {
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onprogress: onProgress }),
  }
}

function textOf(result: { readonly [key: string]: unknown }): string {
  const content = Array.isArray(result['content']) ? result['content'] : []
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
