// `audit.ocsf`: where events go, and what is refused.
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { loadedWithAudit } from './audit-of.ts'

const read = (ocsf: string) => loadedWithAudit(`{ ocsf: ${ocsf} }`, { KEY: 'the key' })

test.each([
  ['{ file: ocsf.jsonl }', { file: '/etc/gate/ocsf.jsonl' }],
  [
    '{ syslog: { url: "tls://siem.test:6514", spool: 2MiB } }',
    { syslog: { isTls: true, host: 'siem.test', port: 6514, spoolBytes: 2 * 1024 * 1024 } },
  ],
  [
    '{ syslog: { url: "tcp://[::1]:514" } }',
    { syslog: { isTls: false, host: '::1', port: 514, spoolBytes: 32 * 1024 * 1024 } },
  ],
  [
    '{ otlp: { endpoint: "https://otel.test/v1/logs", headers: { X-Key: "${KEY}" } } }',
    {
      otlp: {
        ...{ endpoint: 'https://otel.test/v1/logs', headers: { 'x-key': new Secret('the key') } },
        spoolBytes: 32 * 1024 * 1024,
      },
    },
  ],
])('%s', (ocsf, expected) => {
  const loaded = read(ocsf)
  expect(loaded.ok && loaded.settings.audit.ocsf).toEqual(expected)
})

test.each([
  ['{}', 'say where events go: file, syslog or otlp'],
  ['{ otlp: {} }', 'missing key "endpoint"'],
  [
    '{ otlp: { endpoint: "grpc://otel.test:4317" } }',
    'expected an http(s) URL without fragment or user name',
  ],
  ['{ syslog: { url: "udp://siem.test:514" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tls://siem.test" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tls://siem.test:65536" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tcp://169.254.169.254:514" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tcp://siem.test:514", spool: 1MiB } }', 'expected a size from 2MiB to 1GiB'],
])('%s is refused', (ocsf, words) => {
  const loaded = read(ocsf)
  expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message).join()).toContain(words)
})

test('headers over a network without TLS are warned of', () => {
  const told = (endpoint: string) => {
    const loaded = read(`{ otlp: { endpoint: "${endpoint}", headers: { x-key: "\${KEY}" } } }`)
    return loaded.ok ? loaded.warnings.map(({ message }) => message) : loaded.problems
  }
  expect(told('http://otel.test/v1/logs')).toEqual([expect.stringContaining('go over a network without TLS')])
  expect(told('https://otel.test/v1/logs')).toEqual([])
})
