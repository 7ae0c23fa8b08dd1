// `telemetry`: what of it the file says, what the variables of OpenTelemetry say, and what is wrong with either.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { expectError, expectWarning, file } from './support.ts'

function read(telemetry: string, env: Readonly<Record<string, string>> = {}) {
  const top = telemetry === '' ? '' : `telemetry: ${telemetry}`
  const loaded = parseConfig(file({ top }), { file: 'gateway.yaml', env })
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  return loaded.settings.telemetry
}

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const OF_TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'

test.each<[string, string, Record<string, string>, string]>([
  ['nothing', '{ traces: {} }', {}, 'http://localhost:4318/v1/traces'],
  [
    'the file',
    '{ endpoint: "http://a:1/x/", traces: {} }',
    { [ENDPOINT]: 'http://b:1' },
    'http://a:1/x/v1/traces',
  ],
  [
    'the file for traces',
    '{ endpoint: "http://a:1", traces: { endpoint: "http://c:1/t" } }',
    {},
    'http://c:1/t',
  ],
  ['a variable', '{ traces: {} }', { [ENDPOINT]: 'http://b:1/' }, 'http://b:1/v1/traces'],
  [
    'a variable for traces',
    '{ traces: {} }',
    { [ENDPOINT]: 'http://b:1', [OF_TRACES]: 'http://d:1/t' },
    'http://d:1/t',
  ],
  ['an empty variable', '{ traces: {} }', { [ENDPOINT]: '' }, 'http://localhost:4318/v1/traces'],
])('the endpoint by %s', (_who, telemetry, env, endpoint) => {
  expect(read(telemetry, env)?.traces?.endpoint).toBe(endpoint)
})

test('metrics go to the same place by their own path, unless something else is said', () => {
  const ofMetrics = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m:1/x' }
  expect(read('{ endpoint: "http://a:1", metrics: { interval: 5s } }')?.metrics).toMatchObject({
    ...{ endpoint: 'http://a:1/v1/metrics', intervalMs: 5_000 },
  })
  expect(read('{ metrics: {}, traces: {} }', ofMetrics)).toMatchObject({
    metrics: { endpoint: 'http://m:1/x', intervalMs: 60_000 },
    traces: { endpoint: 'http://localhost:4318/v1/traces' },
  })
})

test('no variable turns anything on', () => {
  const env = { [ENDPOINT]: 'http://b:1', [OF_TRACES]: 'http://b:1', OTEL_TRACES_EXPORTER: 'otlp' }
  expect(read('', env)).toBeUndefined()
  expect(read('{}', env)?.traces).toBeUndefined()
})

test('headers are secrets, those for traces beside those for all', () => {
  const telemetry = '{ headers: { X-Key: "${A}" }, traces: { headers: { x-other: "${B}" } } }'
  const headers = read(telemetry, { A: 'one', B: 'two' })?.traces?.headers ?? {}
  expect(Object.entries(headers).map(([name, value]) => [name, value.reveal(), String(value)])).toEqual([
    ['x-key', 'one', '[secret]'],
    ['x-other', 'two', '[secret]'],
  ])
})

test.each<[string, string, RegExp]>([
  ['a part of none', '{ traces: { sample: 0 } }', /a number above 0 and at most 1/],
  ['a part above all', '{ traces: { sample: 10 } }', /a number above 0 and at most 1/],
  ['a percentage', '{ traces: { sample: 10% } }', /a number above 0 and at most 1/],
  ['an unknown part of identity', '{ traces: { identity: [email] } }', /expected one of issuer, client/],
  ['another scheme', '{ endpoint: "grpc://a:4317" }', /expected an http\(s\) URL/],
  ['a header of HTTP', '{ headers: { host: "${SECRET}" } }', /written by the gateway or by HTTP/],
  ['an unknown key', '{ tracing: {} }', /tracing/],
])('%s is an error', (_what, telemetry, words) => {
  expectError(file({ top: `telemetry: ${telemetry}` }), words)
})

test('a variable that is no URL is an error with its name', () => {
  const loaded = parseConfig(file({ top: 'telemetry: { traces: {} }' }), {
    file: 'gateway.yaml',
    env: { [ENDPOINT]: 'collector:4318' },
  })
  expect(loaded.ok).toBe(false)
  expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message).join()).toContain(ENDPOINT)
})

test('headers over a network without TLS are a warning; over TLS, or to this machine, they are not', () => {
  const top = (endpoint: string) =>
    file({ top: `telemetry: { endpoint: "${endpoint}", headers: { x-key: "\${SECRET}" }, traces: {} }` })
  expectWarning(top('http://collector:4318'), /without TLS/)
  for (const endpoint of ['https://collector:4318', 'http://127.0.0.1:4318'])
    expect(
      read(`{ endpoint: "${endpoint}", headers: { x-key: "\${SECRET}" }, traces: {} }`, { SECRET: 's' }),
    ).toBeDefined()
})
