// The shape of one entry of `routes`: a public path, the server behind it, who is trusted there, limits and headers.
import { z } from 'zod'
import type {
  HttpUpstreamSettings,
  LimitSettings,
  ManifestSettings,
  RouteSettings,
} from '../core/settings.ts'
import { upstreamUrl } from './addresses.ts'
import { claimHeader, IDENTITY_NAMES, identityPrefix } from './headers.ts'
import { bytes, count, milliseconds, name, pemPath, rate, scopeList, text } from './scalars.ts'
import { imagePath, shortName } from './schema-branding.ts'
import { browser } from './schema-browser.ts'
import { claimPath } from './schema-issuer.ts'
import { policy } from './schema-policy.ts'
import { programObject, toProgram } from './schema-program.ts'
import { policyTest } from './schema-test.ts'
import { takenByCredential, upstreamAuth } from './schema-upstream-auth.ts'

const PATH_WORDS =
  'expected a path such as /notes/mcp: begins with /, no trailing slash, no empty or dot segments, no % and no query'
/** H34, Y17: one spelling for each path, so that nothing has to be decoded before it is compared. */
const PATH = /^\/$|^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/
const path = z.string(PATH_WORDS).max(512, PATH_WORDS).regex(PATH, PATH_WORDS)

const upstreamObject = z.strictObject({
  url: upstreamUrl.describe('The MCP endpoint behind the gateway.'),
  transport: z
    .enum(['http', 'sse'])
    .describe('`http`: Streamable HTTP; `sse`: the HTTP+SSE transport of 2024-11-05.')
    .prefault('http'),
  connect_timeout: milliseconds('10ms', '1m').describe('Until the connection stands.').prefault('3s'),
  timeout: milliseconds('10ms', '1h')
    .describe('Until a connection is free, where all are in use; then until the response begins.')
    .prefault('60s'),
  idle_timeout: milliseconds('10ms', '24h')
    .describe('Between two pieces of the answer to a call. Streams that only listen have no such limit.')
    .prefault('10m'),
  ca: pemPath
    .describe('`file:` with the certificate authorities to trust instead of the usual ones.')
    .optional(),
  pass_query: z
    .boolean()
    .describe(
      "Whether a client's query goes on behind that of `url`, without access tokens. No rule sees it.",
    )
    .prefault(false),
  keep_alive: milliseconds('10ms', '10m')
    .describe(
      'How long a connection that nobody uses is kept, unless the server says less. Set it below the time after which the server closes one, or some calls are 502; only requests that read (`ping`, `server/discover`, lists) are sent once more then.',
    )
    .prefault('4s'),
  unknown_session: z
    .union([z.literal(404), z.literal(400)], 'expected 404 or 400')
    .describe(
      'How the server answers for a session that it does not know. With `400`, each 400 in a session becomes the 404 upon which clients begin a new one.',
    )
    .prefault(404),
})

/** `upstream: http://…` is short for `upstream: { url: http://… }`. */
const upstream = z.union([
  upstreamUrl.transform((url) => toUpstream(upstreamObject.parse({ url }))),
  upstreamObject.transform((raw) => toUpstream(raw)),
  programObject.transform((raw) => toProgram(raw)),
])

function toUpstream(raw: z.output<typeof upstreamObject>): HttpUpstreamSettings {
  return {
    url: raw.url,
    transport: raw.transport,
    connectTimeoutMs: raw.connect_timeout,
    timeoutMs: raw.timeout,
    idleTimeoutMs: raw.idle_timeout,
    keepAliveMs: raw.keep_alive,
    ca: raw.ca,
    passQuery: raw.pass_query,
    badRequestEndsSession: raw.unknown_session === 400,
  }
}

const limits = z
  .strictObject({
    body: bytes('1KiB', '64MiB').describe('The largest request body.').prefault('1MiB'),
    session_id: bytes('64B', '16KiB')
      .describe(
        'The largest session id of an upstream. A client gets it sealed, a third longer, and sends it with its token in one head.',
      )
      .prefault('4KiB'),
    calls_per_subject: count(1, 100_000)
      .describe('Calls of each caller under way, also those that their client has left.')
      .prefault(256),
    streams: count(1, 100_000)
      .describe('Streams that listen, of all callers together: GET, HTTP+SSE and subscriptions/listen.')
      .prefault(1_000),
    streams_per_subject: count(1, 10_000).describe('The same for each caller.').prefault(20),
    rate: z
      .strictObject({
        per_subject: rate
          .describe('Requests of each caller, and each further call of a batch. Absent: no limit.')
          .optional(),
        per_tool: z
          .record(text, rate)
          .describe('Calls of each caller to one tool, by its name.')
          .prefault({}),
        failed_auth_per_address: rate
          .describe(
            'Tokens from each address that were looked at and refused; over it, new tokens wait, and known ones pass.',
          )
          .prefault('30/min'),
      })
      .describe('How often something may happen; a caller over it gets 429.')
      .prefault({}),
  })
  .transform(
    (raw): LimitSettings => ({
      bodyBytes: raw.body,
      sessionIdBytes: raw.session_id,
      callsPerSubject: raw.calls_per_subject,
      streams: raw.streams,
      streamsPerSubject: raw.streams_per_subject,
      perSubject: raw.rate.per_subject,
      perTool: new Map(Object.entries(raw.rate.per_tool)),
      failedAuthPerAddress: raw.rate.failed_auth_per_address,
    }),
  )

const manifest = z
  .strictObject({
    file: text.describe(
      'Path of the manifest, relative to the folder of gateway.yaml; `portcullis approve` writes it.',
    ),
    on_drift: z
      .enum(['off', 'warn', 'hide', 'block'])
      .describe(
        'What happens to tools, prompts and resources that are new or changed: `off`: nothing; `warn`: an audit event and a count; `hide` and `block`: also left out of lists and refused, until they are approved.',
      )
      .prefault('hide'),
  })
  .transform((raw): ManifestSettings => ({ file: raw.file, onDrift: raw.on_drift }))

const identity = z
  .strictObject({
    prefix: identityPrefix.describe('Headers that say who calls begin with this.').prefault('x-mcp-'),
    claims: z
      .record(claimPath, claimHeader)
      .describe(
        'Claims of the token that go to the upstream, each with its header: `email: x-mcp-email`. A claim that is absent, an object or above 4 KiB sends none.',
      )
      .prefault({}),
  })
  .superRefine(({ prefix, claims }, context) => {
    const taken = new Set(IDENTITY_NAMES.map((name) => prefix + name))
    for (const [claim, header] of Object.entries(claims)) {
      const message = `${header} is written already; choose another header`
      if (taken.has(header)) context.addIssue({ code: 'custom', path: ['claims', claim], message })
      taken.add(header)
    }
  })

export const route = z
  .strictObject({
    name: name.describe('For logs, metrics and `explain`.'),
    title: shortName
      .describe(
        'What people and clients are told that this server is called (`resource_name`, RFC 9728). Absent: pages show what the server calls itself.',
      )
      .optional(),
    icon: imagePath('Beside the title, instead of the picture that the server names for itself').optional(),
    path: path.describe(
      'The public path: exact, and its twin with a slash. Nothing below it, except `<path>/messages` for transport sse.',
    ),
    upstream: upstream.describe(
      'The server behind the route: its URL, a map with more, or a `command` that the gateway starts.',
    ),
    issuers: z.array(name).min(1).describe('Whose tokens are trusted here: names from `issuers`.'),
    audience: z
      .array(text)
      .min(1)
      .describe(
        'Audiences that a token may carry, one of them exactly. Absent: the resource, public_url + path.',
      )
      .optional(),
    scopes: scopeList
      .describe('The baseline: needed for any use, named in the 401 and in the metadata. Absent: none.')
      .optional(),
    scopes_supported: scopeList
      .describe(
        'More scopes that clients ask for at sign-in: named with the baseline in the 401 and in the metadata, and no call needs them by that. For issuers that give a client only the scopes that it registered with.',
      )
      .optional(),
    dpop: z.enum(['off', 'accept', 'require']).describe('RFC 9449 proof of possession.').prefault('accept'),
    dpop_nonce: z
      .boolean()
      .describe('A DPoP proof must carry a nonce that the gateway gave, so that it cannot be made for later.')
      .prefault(false),
    legacy_discovery: z
      .boolean()
      .describe('Serve authorization server metadata at our own origin for clients of 2025-03-26.')
      .prefault(false),
    errors: z
      .enum(['http', 'in_band'])
      .describe(
        'How errors that concern one request only are told: by an HTTP status (400, 403, 404, 429, 502, 503, 504), or by a JSON-RPC error with status 200, for clients that end their session at any other. Never for 401.',
      )
      .prefault('http'),
    resumption: z
      .enum(['sealed', 'off'])
      .describe(
        'Whether a client of 2025-11-25 or before may ask for the rest of a stream by the id of an event: `sealed`: of its own session only; `off`: not at all.',
      )
      .prefault('sealed'),
    policy: policy
      .describe(
        'Who may use what. Absent: nothing but listing and protocol methods (`initialize`, `ping`, …).',
      )
      .prefault({}),
    tests: z
      .array(policyTest)
      .describe('What the policy is expected to decide; run by `portcullis check`.')
      .prefault([]),
    manifest: manifest.describe('The approved inventory of the server behind the route.').optional(),
    limits: limits.describe('Sizes, streams and rates.').prefault({}),
    upstream_auth: upstreamAuth
      .describe(
        "How the gateway proves itself, and who calls, to the upstream: one entry, or a list of them. `forward_token` hands on the caller's own token: only for an upstream that checks it itself.",
      )
      .prefault({ mode: 'none' }),
    browser: browser
      .describe('Sign-in for people and browser clients, at /auth/login. Absent: tokens only.')
      .optional(),
    identity: identity.describe('How the upstream is told who calls.').prefault({}),
  })
  .superRefine(({ identity: { claims }, upstream_auth: proof }, context) => {
    const taken = takenByCredential(claims, proof)
    if (taken === undefined) return
    const message = `${taken[1]} carries the credential of upstream_auth; choose another header`
    context.addIssue({ code: 'custom', path: ['identity', 'claims', taken[0]], message })
  })
  .superRefine((raw, context) => {
    if (raw.dpop !== 'off' || !raw.dpop_nonce) return
    const message = 'this route takes no DPoP proofs: remove dpop_nonce, or set dpop to accept or require'
    context.addIssue({ code: 'custom', path: ['dpop_nonce'], message })
  })
  .transform((raw): Omit<RouteSettings, 'policy'> & { readonly policy: z.output<typeof policy> } => ({
    name: raw.name,
    ...(raw.title === undefined ? {} : { title: raw.title }),
    ...(raw.icon === undefined ? {} : { icon: raw.icon }),
    path: raw.path,
    upstream: raw.upstream,
    issuers: raw.issuers,
    audience: raw.audience,
    scopes: raw.scopes ?? [],
    ...(raw.scopes_supported ? { scopesSupported: raw.scopes_supported } : {}),
    dpop: raw.dpop,
    dpopNonce: raw.dpop_nonce,
    legacyDiscovery: raw.legacy_discovery,
    errors: raw.errors,
    resumption: raw.resumption,
    policy: raw.policy,
    tests: raw.tests.map((test, index) => ({ ...test, name: test.name ?? `tests[${index}]` })),
    ...(raw.manifest === undefined ? {} : { manifest: raw.manifest }),
    limits: raw.limits,
    upstreamAuth: raw.upstream_auth,
    identityPrefix: raw.identity.prefix,
    identityClaims: raw.identity.claims,
    ...(raw.browser ? { browser: raw.browser } : {}),
  }))
