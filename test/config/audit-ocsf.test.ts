// `audit.ocsf`: where events go, and what is refused.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'

const read = (ocsf: string) =>
  parseConfig(
    `public_url: http://127.0.0.1:8080
audit: { ocsf: ${ocsf} }
issuers: { corp: { issuer: "https://login.test" } }
routes:
  - name: notes
    path: /mcp/notes
    upstream: http://127.0.0.1:1/mcp
    issuers: [corp]
    policy: { rules: [{ name: all, tools: [list], scopes: [read] }] }
`,
    { file: '/etc/gate/gateway.yaml', env: {} },
  )

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
])('%s', (ocsf, expected) => {
  const loaded = read(ocsf)
  expect(loaded.ok && loaded.settings.audit.ocsf).toEqual(expected)
})

test.each([
  ['{}', 'say where events go: file, syslog, or both'],
  ['{ syslog: { url: "udp://siem.test:514" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tls://siem.test" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tls://siem.test:65536" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tcp://169.254.169.254:514" } }', 'expected tls://host:port or tcp://host:port'],
  ['{ syslog: { url: "tcp://siem.test:514", spool: 1MiB } }', 'expected a size from 2MiB to 1GiB'],
])('%s is refused', (ocsf, words) => {
  const loaded = read(ocsf)
  expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message).join()).toContain(words)
})
