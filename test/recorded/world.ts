// Two gateways as processes, from ordinary files, and one request to either of them over a socket of its own. What
// differs from run to run (ports, ids, times, random words) is written as its name.
import { generateKeyPairSync, sign } from 'node:crypto'
import http from 'node:http'
import { freePort } from '../support/free-port.ts'
import { DEFAULT_POLICY, gatewayYaml } from '../support/gateway.ts'
import { startIssuer } from '../support/issuer.ts'
import { startProcess } from '../support/process.ts'
import { startUpstream } from '../support/upstream.ts'
import type { RecordedRequest, TOKENS } from './requests.ts'

export interface World {
  /** Status line, header lines and body, as they were sent. */
  answer(request: RecordedRequest): Promise<readonly string[]>
  close(): Promise<void>
}

type TokenName = (typeof TOKENS)[number]

export async function startWorld(): Promise<World> {
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  const origins = { gateway: await freeOrigin(), embedded: await freeOrigin() }
  const urls = { issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: 'stdout' }
  const gateway = await startProcess({
    yaml: gatewayYaml({ ...urls, origin: origins.gateway, policy: DEFAULT_POLICY }),
  })
  const embedded = await startProcess({ yaml: embeddedYaml(origins.embedded, upstream.url) })
  const tokens = tokensOf(issuer, `${origins.gateway}/mcp/a`)
  const names = { ...origins, issuer: issuer.url }
  return {
    async answer(request) {
      const lines = await exchange(origins[request.at], request, tokens)
      return lines.map((line) => withNames(line, names))
    },
    async close() {
      await Promise.all([gateway.kill(), embedded.kill(), upstream.close(), issuer.close()])
    },
  }
}

const freeOrigin = async () => `http://127.0.0.1:${await freePort()}`

function embeddedYaml(origin: string, upstreamUrl: string): string {
  return `public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: stdout }
authorization_server: { data: ':memory:', sign_in: { passwords: true } }
issuers: { builtin: { embedded: true } }
routes:
  - name: a
    path: /mcp/a
    upstream: "${upstreamUrl}"
    issuers: [builtin]
    scopes: [a]
    policy:
      rules: [{ name: safe, tools: [safe], scopes: [a] }]
`
}

function tokensOf(
  issuer: Awaited<ReturnType<typeof startIssuer>>,
  resource: string,
): Record<TokenName, string> {
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: issuer.url, sub: 'user-1', aud: resource, client_id: 'c', iat: now, exp: now + 600 }
  const signed = (claims: object) => issuer.sign({ ...usual, scope: 'a', ...claims })
  const [header, payload] = signed({}).split('.')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const strange = sign('sha256', Buffer.from(`${header}.${payload}`), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  return {
    a: signed({}),
    admin: signed({ scope: 'a admin' }),
    none: signed({ scope: '' }),
    expired: signed({ iat: now - 900, exp: now - 600 }),
    audience: signed({ aud: 'https://other.example/mcp' }),
    issuer: signed({ iss: 'https://other.example' }),
    forged: `${header}.${payload}.${strange.toString('base64url')}`,
    unsigned: `${none}.${payload}.`,
  }
}

function exchange(
  origin: string,
  { method, path, headers, body }: RecordedRequest,
  tokens: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { hostname, port } = new URL(origin)
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace(/\{(\w+)\}/, (_, token) => tokens[token] ?? ''),
    ]),
  )
  const length = method === 'POST' || body !== '' ? { 'content-length': Buffer.byteLength(body) } : {}
  return new Promise((resolve, reject) => {
    const request = http.request({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: { ...length, ...sent },
    })
    request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')))
    request.on('error', reject).on('response', (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject)
      response.on('end', () => {
        const { statusCode, statusMessage, rawHeaders } = response
        const fields = rawHeaders.flatMap((name, at) =>
          at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [],
        )
        resolve([`${statusCode} ${statusMessage}`, ...fields, Buffer.concat(pieces).toString()])
      })
    })
    request.end(body)
  })
}

/** Ports, ids, times and random words by their names. */
function withNames(line: string, origins: Readonly<Record<string, string>>): string {
  let text = line
  for (const [name, origin] of Object.entries(origins)) {
    text = text.replaceAll(origin, `<${name}>`).replaceAll(encodeURIComponent(origin), `<${name}>`)
    text = text.replaceAll(new URL(origin).host, `<${name} host>`)
  }
  return text
    .replace(/^(date|expires|last-modified): .*/i, '$1: <time>')
    .replace(/^content-length: \d+$/i, 'content-length: <length>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/"(kid|x|y|n|kty)":"[\w-]{20,}"/g, '"$1":"<word>"')
    .replace(/[\w-]{43,}/g, '<word>')
    .replace(/^(set-cookie: [^=]+)=[^;]+/i, '$1=<word>')
    .replace(/expires=[^;]+ GMT/g, 'expires=<time>')
    .replace(/'sha256-[\w+/]{43}='/g, "'<word>='")
    .replace(/<style>[^<]*<\/style>/g, '<style>') // how a page looks is seen in build/screenshots
    .replace(/"(client_id_issued_at|client_secret_expires_at)":\d+/g, '"$1":<time>')
}
