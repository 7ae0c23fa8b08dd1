// An authorization server in this process, over a real socket: metadata in both forms, a JWK set that rotates,
// introspection with programmable answers. Counts what it is asked and fails in any way on demand. Issues
// whatever it is told to sign, right or wrong.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { PROBE_PREFIX } from '../../src/token/introspection-probe.ts'

export type Page = 'metadata' | 'jwks' | 'introspection'
/** What the start of a gateway asks is counted apart from what tokens ask. */
export type Counted = Page | 'probe'

/** How a page fails: by breaking the exchange, or by a wrong answer. */
export type Fault =
  | 'reset'
  | 'hang'
  | 'html'
  | 'truncated'
  | 'huge'
  | 'drip'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }

/** One introspection request as it arrived. */
export interface Asked {
  readonly form: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: Record<string, unknown>
}

export interface TestIssuer {
  /** The issuer identifier, byte for byte. */
  readonly url: string
  readonly requests: Record<Counted, number>
  /** Paths of metadata requests, in order. */
  readonly paths: string[]
  readonly asked: Asked[]
  /** A function decides by what was sent. */
  readonly faults: Partial<Record<Page, Fault | ((form: URLSearchParams) => Fault | undefined)>>
  /** Laid over the metadata; a member of undefined is left out. */
  readonly metadata: Record<string, unknown>
  /** What is published; `rotate` replaces it. */
  keys: Record<string, unknown>[]
  /** What introspection answers, at once or later; an object is sent as JSON. */
  introspect: (asked: Asked) => unknown
  /** The same about the random string of the start. */
  introspectProbe: (asked: Asked) => unknown
  /** The key that signs now. */
  key(): SigningKey
  /** A new signing key, published alone. */
  rotate(kid?: string): SigningKey
  /** An access token of exactly these claims. */
  sign(claims: object, header?: object): string
  /** The same from JSON texts, for what JSON.stringify cannot say. */
  signText(header: string, payload: string): string
  close(): Promise<void>
}

export interface TestIssuerOptions {
  /** Path of the issuer identifier: `/t1`. */
  readonly path?: string
  /** Which well-known paths answer; all by default. */
  readonly serves?: (path: string) => boolean
}

export async function startIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  let current = newKey('key-1')
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `${origin}${options.path ?? ''}`

  const issuer: TestIssuer = {
    url,
    requests: { metadata: 0, jwks: 0, introspection: 0, probe: 0 },
    paths: [],
    asked: [],
    faults: {},
    metadata: {
      issuer: url,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/jwks`,
      introspection_endpoint: `${origin}/introspect`,
      code_challenge_methods_supported: ['S256'],
    },
    keys: [current.jwk],
    introspect: () => ({ active: false }),
    introspectProbe: () => ({ active: false }),
    key: () => current,
    rotate(kid = `key-${randomUUID()}`) {
      current = newKey(kid)
      issuer.keys = [current.jwk]
      return current
    },
    sign: (claims, header = {}) =>
      issuer.signText(
        JSON.stringify({ alg: 'ES256', kid: current.kid, typ: 'at+jwt', ...header }),
        JSON.stringify(claims),
      ),
    signText: (header, payload) => signCompact(header, payload, current.privateKey),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    const page = pageOf(path)
    if (page === undefined || options.serves?.(path) === false) return send(response, 404, 'not found')
    if (page === 'metadata') issuer.paths.push(path)
    const form = new URLSearchParams(await text(request))
    const isProbe = page === 'introspection' && form.get('token')?.startsWith(PROBE_PREFIX) === true
    issuer.requests[isProbe ? 'probe' : page] += 1
    if (page === 'introspection' && !isProbe) issuer.asked.push({ form, headers: request.headers })
    const set = issuer.faults[page]
    const fault = typeof set === 'function' ? set(form) : set
    if (fault !== undefined) return fail(response, fault)
    if (page === 'metadata') return send(response, 200, issuer.metadata)
    if (page === 'jwks') return send(response, 200, { keys: issuer.keys })
    const introspect = isProbe ? issuer.introspectProbe : issuer.introspect
    send(response, 200, await introspect({ form, headers: request.headers }))
  }
  return issuer
}

/** A compact JWS over two JSON texts. ES256 unless the key is RSA or Ed25519. */
export function signCompact(header: string, payload: string, key: KeyObject): string {
  const input = `${encode(header)}.${encode(payload)}`
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const signature = sign(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

export function encode(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url')
}

export function newKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    kid,
    privateKey: createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' },
  }
}

function pageOf(path: string): Page | undefined {
  if (path.includes('/.well-known/')) return 'metadata'
  if (path === '/jwks') return 'jwks'
  return path === '/introspect' ? 'introspection' : undefined
}

function send(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

function fail(response: ServerResponse, fault: Fault) {
  if (typeof fault === 'object') {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
    response.end(fault.body ?? '')
    return
  }
  BROKEN[fault](response)
}

const JSON_HEAD = { 'content-type': 'application/json' }
const BROKEN = {
  reset: (response: ServerResponse) => response.socket?.resetAndDestroy(),
  hang: () => undefined,
  html: (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>{}</html>'),
  truncated(response: ServerResponse) {
    response.writeHead(200, { ...JSON_HEAD, 'content-length': '1000' })
    response.write('{"active":true', () => response.destroy())
  },
  huge(response: ServerResponse) {
    response.writeHead(200, JSON_HEAD)
    response.end(`{"active":true,"pad":"${'a'.repeat(8 << 20)}"}`)
  },
  drip(response: ServerResponse) {
    response.writeHead(200, JSON_HEAD)
    const drops = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(drops))
  },
} satisfies Record<Exclude<Fault, object>, (response: ServerResponse) => unknown>
