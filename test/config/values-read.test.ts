// What each key of the file becomes, and what stands there when it is absent.
import { describe, expect, it } from 'vitest'
import { file, settingsOf } from './support.ts'

const issuer = (line: string): string => file({ issuer: line })
const top = (line: string): string => file({ top: line })
const introspection = (line: string): string =>
  file({
    issuer: `validation: introspection\nintrospection: { client_id: a, client_secret: "\${SECRET}", ${line} }`,
  })

describe('values that are read', () => {
  it('Y22: defaults are those of the contract, and listen on this machine only', () => {
    const settings = settingsOf(file())
    expect(settings).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      admin: { listen: { host: '127.0.0.1', port: 9090 } },
      audit: { file: 'stdout', required: false },
    })
    expect(settings.issuers.get('corp')).toEqual({
      name: 'corp',
      issuer: 'https://login.example.com',
      allowInsecureIssuer: false,
      validation: 'jwt',
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      typ: 'any',
      leewaySeconds: 5,
      maxLifetimeSeconds: 86_400,
      singleAudience: false,
      allowedScopes: undefined,
      introspection: undefined,
      claims: { subject: ['sub'], scopes: ['scope', 'scp'], client: ['client_id', 'azp'], roles: [] },
    })
    expect(settings.routes[0]).toEqual({
      name: 'notes',
      path: '/notes',
      issuers: ['corp'],
      audience: undefined,
      scopes: [],
      dpop: 'accept',
      dpopNonce: false,
      legacyDiscovery: false,
      errors: 'http',
      resumption: 'sealed',
      upstreamAuth: [],
      identityPrefix: 'x-mcp-',
      identityClaims: {},
      upstream: {
        url: 'http://127.0.0.1:3001/mcp',
        transport: 'http',
        connectTimeoutMs: 3000,
        timeoutMs: 60_000,
        idleTimeoutMs: 600_000,
        ca: undefined,
        passQuery: false,
        badRequestEndsSession: false,
        keepAliveMs: 4_000,
      },
      limits: {
        bodyBytes: 1_048_576,
        sessionIdBytes: 4_096,
        callsPerSubject: 256,
        streams: 1_000,
        streamsPerSubject: 20,
        perSubject: undefined,
        perTool: new Map(),
        failedAuthPerAddress: { count: 30, seconds: 60 },
      },
      tests: [],
      policy: {
        mode: 'enforce',
        default: 'deny',
        listing: 'allowed',
        denial: 'http',
        challenge: 'http',
        anonymous: [],
        methods: new Map(),
        rules: [
          {
            who: undefined,
            when: undefined,
            mode: 'enforce',
            name: 'rules[0]',
            effect: 'allow',
            tools: ['a'],
            prompts: [],
            resources: [],
            except: [],
            scopes: undefined,
            requireActive: false,
            denial: undefined,
          },
        ],
      },
    })
  })

  it('introspection has defaults of its own', () => {
    expect(settingsOf(introspection('audience: required')).issuers.get('corp')?.introspection).toMatchObject({
      endpoint: undefined,
      auth: 'basic',
      clientId: 'a',
      ttlSeconds: 30,
      negativeTtlSeconds: 5,
      maxEntries: 10_000,
    })
  })

  it('scopes: a list is any, all is all, both nest', () => {
    const text = file({ rules: ['{ tools: [a], scopes: [a, { all: [b, [c, d]] }] }'] })
    expect(settingsOf(text).routes[0]?.policy.rules[0]?.scopes).toEqual({
      any: ['a', { all: ['b', { any: ['c', 'd'] }] }],
    })
  })

  it('keys of ours: max_lifetime (J29), allowed_scopes (J56), single_audience (J22)', () => {
    const text = issuer('max_lifetime: 1h\nallowed_scopes: [a, b]\nsingle_audience: true')
    expect(settingsOf(text).issuers.get('corp')).toMatchObject({
      maxLifetimeSeconds: 3600,
      allowedScopes: new Set(['a', 'b']),
      singleAudience: true,
    })
  })

  it('IPv6 addresses lose their brackets', () => {
    expect(settingsOf(top('listen: "[::1]:0"')).listen).toEqual({ host: '::1', port: 0 })
  })
})
