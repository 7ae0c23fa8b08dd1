// `portcullis token`: mints a token with the kept development key, or serves the development issuer that
// publishes that key. For a laptop only; real deployments use a real issuer or the embedded one.
import { resolve } from 'node:path'
import type { SigningKey } from '../../as/store/keys.ts'
import { parseDuration } from '../../config/text.ts'
import { isScopeToken } from '../../core/scopes.ts'
import type { Address } from '../../core/settings.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from '../shared/command.ts'
import { loadOrCreateKey } from './key.ts'
import { mintToken } from './mint.ts'

const DEFAULT_KEY_FILE = '.portcullis/dev-issuer.jwk'
const DEFAULT_ISSUER = 'http://127.0.0.1:9000'
const MAX_TTL_SECONDS = 24 * 60 * 60

const OPTIONS = {
  serve: { type: 'string' },
  aud: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  sub: { type: 'string', default: 'dev-user' },
  client: { type: 'string', default: 'dev-client' },
  ttl: { type: 'string', default: '1h' },
  issuer: { type: 'string', default: DEFAULT_ISSUER },
  key: { type: 'string', default: DEFAULT_KEY_FILE },
  json: { type: 'boolean', default: false },
} as const

export const summary = 'a local development issuer, and tokens from it'
export const help = `portcullis token --serve 127.0.0.1:9000 [--sub NAME] [--ttl 1h] [--key FILE]
portcullis token --aud URL --scope "a b" [--sub NAME] [--client ID] [--ttl 1h] [--issuer URL] [--key FILE] [--json]

A local development issuer. DEV ONLY: it approves every login at once, so it listens on loopback addresses only.

  --serve ADDRESS  publish metadata and keys, log clients in, until interrupted
  --aud URL        the resource the token is for (repeatable)
  --scope SCOPES   what the token may do, separated by spaces (repeatable)
  --sub NAME       who the token is about (default: dev-user)
  --client ID      which client holds it (default: dev-client)
  --ttl TIME       its life, such as 90s, 15m or 1h; at most 24h (default: 1h)
  --issuer URL     the issuer it names (default: ${DEFAULT_ISSUER})
  --key FILE       the kept key, made when missing (default: ./${DEFAULT_KEY_FILE})
  --json           print an OAuth token response instead of the bare token
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'token', read.message)
  const { serve, aud = [], scope = [], sub, client, ttl, issuer, json } = read.values
  const ttlSeconds = parseTtl(ttl)
  if (ttlSeconds === undefined) {
    return wrongUse(io, 'token', `--ttl ${ttl}: expected a time such as 90s, 15m or 1h, at most 24h`)
  }
  const scopes = scope.flatMap((text) => text.split(' ')).filter((text) => text !== '')
  const badScope = scopes.find((text) => !isScopeToken(text))
  if (badScope !== undefined) return wrongUse(io, 'token', `--scope ${badScope}: not a scope (RFC 6749 §3.3)`)
  const address = serve === undefined ? undefined : parseLoopbackAddress(serve)
  if (serve !== undefined && address === undefined) {
    return wrongUse(
      io,
      'token',
      `--serve ${serve}: this issuer approves everybody, so it needs a loopback address such as 127.0.0.1:9000`,
    )
  }
  if (serve === undefined && aud.length === 0) {
    return wrongUse(io, 'token', 'needs --aud URL (the resource, as the client types it) or --serve ADDRESS')
  }

  const loaded = await loadOrCreateKey(resolve(io.cwd, read.values.key))
  if (!loaded.ok) {
    io.stderr.write(`portcullis token: ${loaded.message}\n`)
    return EXIT.finding
  }
  if (loaded.created) io.stderr.write(`made a new development key: ${read.values.key}\n`)
  if (address !== undefined) return serveIssuer(address, loaded.key, sub, ttlSeconds, io)

  const request = { issuer, subject: sub, clientId: client, audience: aud, scopes, ttlSeconds }
  const accessToken = await mintToken(loaded.key, request, Date.now())
  const response = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: ttlSeconds,
    scope: scopes.join(' '),
  }
  io.stdout.write(`${json ? JSON.stringify(response) : accessToken}\n`)
  return EXIT.fine
}

async function serveIssuer(
  address: Address,
  key: SigningKey,
  subject: string,
  ttlSeconds: number,
  io: Io,
): Promise<number> {
  const log = (line: string) => io.stderr.write(`${line}\n`)
  const { startDevIssuer } = await import('./listen.ts') // a token alone needs no server
  const started = await startDevIssuer(address, { key, subject, ttlSeconds, log })
  if (!started.ok) {
    io.stderr.write(`portcullis token: ${started.message}; choose another port\n`)
    return EXIT.finding
  }
  const { issuer, close } = started.running
  io.stdout.write(`DEVELOPMENT ISSUER: approves every login at once as ${subject}; never expose it

issuer    ${issuer}
metadata  ${issuer}/.well-known/oauth-authorization-server
keys      ${issuer}/jwks

in gateway.yaml:
  issuers:
    dev: { issuer: ${issuer}, allow_insecure_issuer: true }

a token from another terminal, with the same key:
  portcullis token --issuer ${issuer} --aud <resource URL> --scope "<scopes>"

Ctrl-C ends it
`)
  await stopped(io.stop)
  await close()
  return EXIT.fine
}

/** Whole seconds of `90s`, `15m`, `1h`; undefined when malformed, under a second or longer than a day. */
function parseTtl(text: string): number | undefined {
  const seconds = Math.floor((parseDuration(text) ?? 0) / 1000)
  return seconds > 0 && seconds <= MAX_TTL_SECONDS ? seconds : undefined
}

/** `127.0.0.1:9000`, `localhost:9000` or `[::1]:9000`; port 0 takes a free one. Undefined for anything else. */
function parseLoopbackAddress(text: string): Address | undefined {
  const match = /^(\[[^\]]*\]|[^:]+):(\d{1,5})$/.exec(text)
  const host = match?.[1]?.toLowerCase() ?? ''
  const port = Number(match?.[2])
  return isLoopbackHost(host) && port <= 65_535 ? { host, port } : undefined
}
