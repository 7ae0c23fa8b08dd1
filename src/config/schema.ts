// The shape of the whole file. The only place beside its schema-*.ts siblings that knows both the snake_case of the
// file and the camelCase of the program. Its descriptions are the reference manual and the JSON Schema.
import { z } from 'zod'
import type { IssuerSettings, RouteSettings, Settings } from '../core/settings.ts'
import type { AuthorizationServerSettings } from '../core/settings-as.ts'
import type { AuditSettings } from '../core/settings-audit.ts'
import type { AssertionKeySettings } from '../core/settings-upstream-auth.ts'
import { host, listenAddress, origin, publicUrl, range } from './addresses.ts'
import { bytes, count, milliseconds, name, pemPath, percent, scope, scopeList, text } from './scalars.ts'
import { admin } from './schema-admin.ts'
import { approvals } from './schema-approvals.ts'
import { authorizationServer } from './schema-as.ts'
import { chainFaults, chainKeys, chainOf, ocsf } from './schema-audit.ts'
import { branding } from './schema-branding.ts'
import { issuer } from './schema-issuer.ts'
import { mode } from './schema-policy.ts'
import { route } from './schema-route.ts'
import { sharedState } from './schema-state.ts'
import { telemetry } from './schema-telemetry.ts'
import { assertionKeys } from './schema-upstream-auth.ts'
import { staticKeysIssuer } from './schema-verifier.ts'
import { sealingKey } from './sealing-key.ts'

const tls = z.strictObject({
  cert: pemPath.describe('`file:` with the certificate chain in PEM.'),
  key: pemPath.describe('`file:` with the private key in PEM.'),
})

const audit = z
  .strictObject({
    file: text
      .describe(
        'Where records go: `stdout`, or the path of a file, relative to the folder of gateway.yaml. Absent: `stdout`; at a terminal, lines for people in place of the records.',
      )
      .optional(),
    required: z
      .boolean()
      .describe('No record, no call: a call that cannot be recorded is refused.')
      .prefault(false),
    policies: text
      .describe(
        'A directory that keeps each policy that was loaded, by its digest and without secrets, relative to the folder of gateway.yaml. Then `portcullis explain --request-id` can tell why something was refused by the policy of then. Absent: none is kept.',
      )
      .optional(),
    ...chainKeys,
    ocsf,
  })
  .superRefine((raw, context) => {
    for (const fault of chainFaults(raw)) context.addIssue({ code: 'custom', ...fault })
  })

const limits = z
  .strictObject({
    share_per_caller: percent
      .describe(
        'How much of anything shared one caller may hold: connections, memory, calls under way. A caller is issuer and subject, or a network before there is a token.',
      )
      .prefault('25%'),
    streams: count(1, 100_000).describe('Streams that listen, of all routes together.').prefault(4_000),
    headers: bytes('4KiB', '64KiB')
      .describe(
        'The largest head of a request: token, session id and all other headers. More is answered with 431.',
      )
      .prefault('12KiB'),
    programs: count(1, 100_000)
      .describe('Servers that are programs, of all routes together (`upstream.command`).')
      .prefault(1_000),
    token: bytes('1KiB', '62KiB')
      .describe('The largest token, at least 2KiB less than `headers`. A larger one is answered with 431.')
      .prefault('8KiB'),
  })
  .superRefine((raw, context) => {
    if (raw.token + 2_048 <= raw.headers) return
    const message =
      'a token as large as this does not fit into a head: raise limits.headers to 2KiB more, or lower it'
    context.addIssue({ code: 'custom', path: ['token'], message })
  })

export const gateway = z
  .strictObject({
    public_url: publicUrl.describe(
      'The origin that clients type: scheme, host and port. Nothing is ever derived from the Host header.',
    ),
    listen: listenAddress.describe('Where the gateway listens.').prefault('127.0.0.1:8080'),
    admin: admin.describe('The administration port.').prefault({}),
    public_health: z
      .boolean()
      .describe(
        'Answers /healthz, /readyz and /readyz/shutdown where the gateway listens too, to anybody and without details: for a load balancer that cannot reach `admin`.',
      )
      .prefault(false),
    allowed_hosts: z
      .array(host)
      .describe('Host headers that are accepted beside those of public_url and of this machine.')
      .prefault([]),
    allowed_origins: z
      .array(origin)
      .describe('Browser origins that are accepted; also turns CORS on for them.')
      .prefault([]),
    trusted_proxies: z
      .array(range)
      .describe(
        'Whose X-Forwarded-For counts: addresses and ranges. Used for limits, the audit, and conditions on `request.address`.',
      )
      .prefault([]),
    tls: tls.describe('TLS on the listener; the files are read again when they change.').optional(),
    session_key: sealingKey
      .describe(
        'Seals session ids and makes DPoP nonces: at least 32 random bytes, the same on each replica. Absent: random at every start.',
      )
      .optional(),
    state: sharedState
      .describe(
        'What several gateways share, in Valkey or Redis: counts, used proofs, tasks. Absent: each gateway has its own.',
      )
      .optional(),
    approvals: approvals
      .describe('Calls that wait for somebody to approve them (`effect: approve` of a rule).')
      .prefault({}),
    audit: audit.describe('One record for each decision.').prefault({}),
    telemetry: telemetry
      .describe('Traces and metrics by OpenTelemetry (OTLP). Absent: nothing is sent.')
      .optional(),
    limits: limits.describe('What all routes and callers use together.').prefault({}),
    drain: milliseconds('0s', '1h')
      .describe(
        'How long calls may take to finish after the signal to stop. Those that do not are answered with an error.',
      )
      .prefault('30s'),
    drain_delay: milliseconds('0s', '10m')
      .describe(
        'How long new connections are still accepted after the signal, while /readyz is 503 and a balancer notices.',
      )
      .prefault('0s'),
    workers: z
      .union([count(1, 64), z.literal('auto')], 'expected a whole number from 1 to 64, or auto')
      .describe(
        'Processes that serve, beside one that watches over them; `auto`: one for each processor. 1: one process, and none beside it.',
      )
      .prefault(1),
    mode: mode
      .describe('`observe`: refusals by policies are recorded and not made. A policy may say otherwise.')
      .prefault('enforce'),
    scopes_imply: z
      .record(scope, scopeList)
      .describe('Which scopes a scope contains, such as `notes:write: [notes:read]`.')
      .prefault({}),
    issuers: z
      .record(name, issuer)
      .describe('Authorization servers whose tokens are trusted, by a name of your own.'),
    authorization_server: authorizationServer
      .describe('The embedded authorization server, for an issuer with `embedded: true`.')
      .optional(),
    branding: branding
      .describe('How the pages for people show who runs the gateway. Absent: the host of `public_url`.')
      .optional(),
    assertions: assertionKeys
      .describe('The keys that assertions are signed with (`upstream_auth: { mode: assertion }`).')
      .optional(),
    routes: z.array(route).min(1).describe('The protected MCP servers.'),
  })
  .transform(
    (raw): Settings => ({
      publicUrl: raw.public_url,
      listen: raw.listen,
      admin: raw.admin,
      publicHealth: raw.public_health,
      allowedHosts: raw.allowed_hosts,
      allowedOrigins: raw.allowed_origins,
      trustedProxies: raw.trusted_proxies,
      tls: raw.tls,
      sessionKey: raw.session_key,
      ...(raw.state ? { state: raw.state } : {}),
      ...(raw.telemetry ? { telemetry: raw.telemetry } : {}),
      audit: auditOf(raw.audit),
      approvals: raw.approvals,
      drain: { delayMs: raw.drain_delay, timeoutMs: raw.drain },
      workers: raw.workers,
      limits: {
        sharePerCaller: raw.limits.share_per_caller,
        streams: raw.limits.streams,
        headerBytes: raw.limits.headers,
        tokenBytes: raw.limits.token,
        programs: raw.limits.programs,
      },
      scopesImply: new Map(Object.entries(raw.scopes_imply)),
      issuers: new Map(
        Object.entries(raw.issuers).map(([name, parsed]) => [
          name,
          { name, ...parsed, ...ownIssuer(name, parsed, raw.public_url) },
        ]),
      ),
      ...serverOf(raw),
      ...assertionKeysOf(raw),
      ...(raw.branding === undefined ? {} : { branding: raw.branding }),
      routes: raw.routes.map((parsed) => ({
        ...parsed,
        policy: { ...parsed.policy, mode: parsed.policy.mode ?? raw.mode },
      })),
    }),
  )

/** The identifier of an issuer that names none itself. */
function ownIssuer(
  name: string,
  { embedded, verdictSource }: Pick<IssuerSettings, 'embedded' | 'verdictSource'>,
  publicUrl: string,
): Partial<Pick<IssuerSettings, 'issuer'>> {
  if (embedded) return { issuer: publicUrl }
  return verdictSource?.kind === 'static_keys' ? { issuer: staticKeysIssuer(name) } : {}
}

function auditOf(raw: z.output<typeof audit>): AuditSettings {
  const { file, policies, required, ocsf: receiver } = raw
  const place = { file: file ?? 'stdout', isNamed: file !== undefined }
  return {
    ...place,
    required,
    ...(policies === undefined ? {} : { policies }),
    ...chainOf(raw),
    ...(receiver === undefined ? {} : { ocsf: receiver }),
  }
}

/** An embedded issuer needs no block: every key of it has a default. */
function serverOf(raw: {
  readonly issuers: Readonly<Record<string, { readonly embedded?: true }>>
  readonly authorization_server?: AuthorizationServerSettings | undefined
}): Pick<Settings, 'authorizationServer'> {
  const isNeeded = Object.values(raw.issuers).some(({ embedded }) => embedded)
  const server = raw.authorization_server ?? (isNeeded ? authorizationServer.parse({}) : undefined)
  return server === undefined ? {} : { authorizationServer: server }
}

/** Every key of the block has a default. */
function assertionKeysOf(raw: {
  readonly assertions?: AssertionKeySettings | undefined
  readonly routes: readonly Pick<RouteSettings, 'upstreamAuth'>[]
}): Pick<Settings, 'assertionKeys'> {
  const areUsed = raw.routes.some(({ upstreamAuth }) => upstreamAuth.some(({ mode }) => mode === 'assertion'))
  return areUsed ? { assertionKeys: raw.assertions ?? assertionKeys.parse({}) } : {}
}

/** JSON Schema (draft 2020-12) of the file as it is written, for editors. */
export function jsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(gateway, { io: 'input', unrepresentable: 'any' })
  return {
    $schema,
    title: 'Portcullis gateway.yaml',
    description: 'Positions, names and everything that spans several keys are checked by `portcullis check`.',
    ...rest,
  }
}
