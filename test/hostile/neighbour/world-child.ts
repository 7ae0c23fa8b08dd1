// The process around the gateway: two issuers and an MCP server whose tools are slow or large. Started by world.ts; its
// argument is the origin of the gateway, for the audience of tokens.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { JKT } from '../../support/dpop.ts'
import { startIssuer } from '../../support/issuer.ts'
import { type Surroundings, TOKENS } from './world.ts'

const SLOW_MS = 2_000
const BIG_BYTES = 7 << 20
/** A body above this is a call by itself, with the id 0. */
const LONG = 60_000
const LIST = Array.from({ length: 1_000 }, (_, n) => ({ name: `x-${n}`, inputSchema: { type: 'object' } }))

const [origin = ''] = process.argv.slice(2)
const issuer = await startIssuer()
const opaque = await startIssuer()
opaque.introspect = ({ form }) => {
  const [who, id] = (form.get('token') ?? '').split('.')
  const now = Math.floor(Date.now() / 1_000)
  if (who !== 'good') return { active: false }
  return { active: true, sub: 'ada', client_id: 'desk', scope: 'a', exp: now + 600, jti: id }
}

function sign(sub: string, route: string, more: object = {}): string {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, sub, aud: `${origin}/mcp/${route}`, client_id: 'desk', scope: 'a' }
  return issuer.sign({ ...claims, iat: now, exp: now + 3_600, ...more })
}

const tokensOf = (sub: string) => Array.from({ length: TOKENS }, (_, n) => sign(sub, 'a', { jti: `${n}` }))

/** Answers are made once: this process must not be what an honest caller waits for. */
const BIG = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 0, result: textResult('x'.repeat(BIG_BYTES)) }))
const TOOLS = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 0, result: { tools: LIST } }))
const SLOW = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 0, result: textResult('slow') }))

function textResult(text: string): object {
  return { content: [{ type: 'text', text }] }
}

const upstream = createServer(async (request, response) => {
  response.on('error', () => {})
  try {
    const body = await text(request)
    if (request.method === 'GET' || body.includes('"subscriptions/listen"')) stream(response)
    else if (body.includes('"slow"')) setTimeout(() => send(response, SLOW), SLOW_MS)
    else if (body.includes('"big"')) send(response, BIG)
    else if (body.includes('"tools/list"')) send(response, TOOLS)
    else send(response, answerTo(body, String(request.headers['x-mcp-subject'])))
  } catch {
    response.destroy() // its caller broke off
  }
})

/** Who called, as the text of the result; of a batch, for each call. */
function answerTo(body: string, subject: string): string {
  const ids = body.length > LONG ? [0] : idsOf(JSON.parse(body))
  const answers = ids.map((id) => ({ jsonrpc: '2.0', id, result: textResult(subject) }))
  return JSON.stringify(answers.length === 1 ? answers[0] : answers)
}

function idsOf(message: { id?: unknown } | { id?: unknown }[]): unknown[] {
  return [message].flat().map(({ id }) => id)
}

function send(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': open\n\n')
}

await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', 4_096, resolve))
const surroundings: Surroundings = {
  issuerUrl: issuer.url,
  opaqueIssuerUrl: opaque.url,
  upstreamUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`,
  honest: tokensOf('ada'),
  hostile: tokensOf('mallory'),
  bound: sign('mallory', 'd', { cnf: { jkt: JKT } }),
}
process.send?.(surroundings)
process.once('disconnect', () => process.exit())
