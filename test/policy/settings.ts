// A whole file around one policy, for the checks.
import type { LimitSettings, PolicySettings, Settings } from '../../src/core/settings.ts'
import { policy } from './policies.ts'

export interface Written {
  readonly policy: Partial<PolicySettings>
  readonly scopes?: readonly string[]
  readonly scopesImply?: Settings['scopesImply']
  readonly perTool?: LimitSettings['perTool']
}

const LIMITS: LimitSettings = {
  bodyBytes: 4_194_304,
  sessionIdBytes: 4_096,
  callsPerSubject: 256,
  streams: 1_000,
  streamsPerSubject: 20,
  perSubject: undefined,
  perTool: new Map(),
  failedAuthPerAddress: undefined,
}

export function settingsWith(...routes: readonly Written[]): Settings {
  return {
    publicUrl: 'https://mcp.example.com',
    listen: { host: '127.0.0.1', port: 8080 },
    admin: { listen: { host: '127.0.0.1', port: 9090 }, token: undefined, tokens: [], peers: [] },
    allowedHosts: [],
    allowedOrigins: [],
    trustedProxies: [],
    tls: undefined,
    sessionKey: undefined,
    audit: { file: 'stdout', required: false, isNamed: true },
    limits: { sharePerCaller: 0.25, streams: 4_000, headerBytes: 12_288, tokenBytes: 8_192 },
    drain: { delayMs: 0, timeoutMs: 30_000 },
    scopesImply: routes[0]?.scopesImply ?? new Map(),
    issuers: new Map(),
    routes: routes.map((written, index) => ({
      name: `route${index}`,
      path: `/route${index}/mcp`,
      upstream: {
        url: 'http://127.0.0.1:3001/mcp',
        transport: 'http',
        connectTimeoutMs: 3_000,
        timeoutMs: 60_000,
        idleTimeoutMs: 600_000,
        ca: undefined,
        passQuery: false,
        badRequestEndsSession: false,
        keepAliveMs: 4_000,
      },
      issuers: [],
      audience: undefined,
      scopes: written.scopes ?? [],
      dpop: 'accept',
      dpopNonce: false,
      errors: 'http',
      resumption: 'sealed',
      legacyDiscovery: false,
      policy: policy(written.policy),
      tests: [],
      limits: { ...LIMITS, perTool: written.perTool ?? new Map() },
      upstreamAuth: [],
      identityPrefix: 'x-mcp-',
    })),
  }
}
