// Host and Origin: who may reach the gateway from a browser, and under which names.
import { expect, test } from 'vitest'
import { createOriginPolicy } from '../../src/http/origin.ts'

const PUBLIC = createOriginPolicy({
  publicUrl: 'https://gw.example',
  allowedHosts: ['Internal.example:8443'],
  allowedOrigins: ['https://app.example', 'vscode-webview://abc'],
})
const LOCAL = createOriginPolicy({
  publicUrl: 'http://127.0.0.1:8080',
  allowedHosts: [],
  allowedOrigins: [],
})

function check(policy: typeof PUBLIC, host: string | undefined, ...origins: string[]): string {
  const fields = origins.flatMap((origin) => ['Origin', origin])
  return policy.check(fields, host)?.reason ?? 'ok'
}

test.each([
  ['gw.example', 'ok'],
  ['GW.EXAMPLE', 'ok'],
  ['gw.example:443', 'ok'],
  ['internal.example:8443', 'ok'],
  ['localhost', 'ok'],
  ['localhost:9999', 'ok'],
  ['127.0.0.1:1', 'ok'],
  ['[::1]:8080', 'ok'],
  ['gw.example:81', 'host_forbidden'],
  ['gw.example.', 'host_forbidden'],
  ['internal.example', 'host_forbidden'],
  ['evil.example', 'host_forbidden'],
  ['gw.example.evil.example', 'host_forbidden'],
  ['localhost.evil.example', 'host_forbidden'],
  ['127.0.0.1.evil.example', 'host_forbidden'],
  ['127.0.0.2', 'host_forbidden'],
  ['user@localhost', 'host_forbidden'],
  [undefined, 'request_malformed'],
])('ORG-02 M59 Host %s is %s', (host, expected) => expect(check(PUBLIC, host)).toBe(expected))

test.each([
  ['https://gw.example', 'ok'],
  ['https://app.example', 'ok'],
  ['vscode-webview://abc', 'ok'],
  ['http://gw.example', 'origin_forbidden'],
  ['https://gw.example:81', 'origin_forbidden'],
  ['https://GW.example', 'origin_forbidden'],
  ['https://app.example/', 'origin_forbidden'],
  ['https://app.example.evil.example', 'origin_forbidden'],
  ['https://user@app.example', 'origin_forbidden'],
  ['https://evil.example', 'origin_forbidden'],
  ['http://localhost:3000', 'origin_forbidden'],
  ['null', 'origin_forbidden'],
  ['', 'origin_forbidden'],
])('ORG-01 M58 Origin %j is %s on a public gateway', (origin, expected) =>
  expect(check(PUBLIC, 'gw.example', origin)).toBe(expected),
)

test.each([
  ['http://localhost:6274', 'ok'],
  ['http://127.0.0.1:1', 'ok'],
  ['https://[::1]', 'ok'],
  ['http://localhost.evil', 'origin_forbidden'],
  ['http://127.0.0.1.nip.io', 'origin_forbidden'],
  ['null', 'origin_forbidden'],
])('ORG-02 Origin %s is %s on a loopback gateway', (origin, expected) =>
  expect(check(LOCAL, '127.0.0.1:8080', origin)).toBe(expected),
)

test('M58 two Origin lines are one too many, even when both are known', () => {
  expect(check(PUBLIC, 'gw.example', 'https://app.example', 'https://app.example')).toBe('origin_forbidden')
})

test('ORG-01 no Origin passes: it is no browser', () => expect(check(PUBLIC, 'gw.example')).toBe('ok'))

test.each([
  [PUBLIC, ['https://app.example'], 'https://app.example'],
  [PUBLIC, ['https://gw.example'], undefined],
  [PUBLIC, ['https://app.example', 'https://app.example'], undefined],
  [PUBLIC, [], undefined],
  [LOCAL, ['http://localhost:1'], undefined],
] as const)('ORG-05 CORS is for listed origins only (%#)', (policy, origins, expected) => {
  expect(policy.corsOrigin(origins.flatMap((origin) => ['origin', origin]))).toBe(expected)
})
