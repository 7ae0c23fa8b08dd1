// `audit.chain`, its key and its anchor: what they become, and what is refused.
import { describe, expect, test } from 'vitest'
import { auditOfWorker } from '../../src/core/settings-audit.ts'
import { loadedWithAudit } from './audit-of.ts'

const read = (audit: string) => loadedWithAudit(audit, { ANCHOR_TOKEN: 'anchor-token' })

describe('audit.chain', () => {
  test.each([
    ['{ file: a.jsonl }', undefined],
    ['{ file: logs/a.jsonl, chain: true }', { key: '/etc/gate/logs/audit.key' }],
    ['{ chain: true }', { key: '/etc/gate/audit.key' }],
    [
      '{ file: a.jsonl, chain: true, key: keys/own.pem, anchor: { file: /mnt/kept.jsonl } }',
      { key: '/etc/gate/keys/own.pem', anchor: { file: '/mnt/kept.jsonl' } },
    ],
    [
      '{ chain: true, anchor: { url: "https://witness.test/kept?of=gate" } }',
      { key: '/etc/gate/audit.key', anchor: { url: 'https://witness.test/kept?of=gate' } },
    ],
  ])('%s', (audit, chain) => {
    const loaded = read(audit)
    expect(loaded.ok && loaded.settings.audit.chain).toEqual(chain)
  })

  test('the token of an anchor is a secret', () => {
    const loaded = read('{ chain: true, anchor: { url: "https://witness.test", token: "${ANCHOR_TOKEN}" } }')
    expect(JSON.stringify(loaded)).toContain('"token":"[secret]"')
  })

  test.each([
    ['{ key: a.key }', 'is for a chain; set chain: true, or remove it'],
    ['{ anchor: { file: b } }', 'is for a chain; set chain: true, or remove it'],
    ['{ chain: true, anchor: {} }', 'say where checkpoints are kept: either file or url'],
    ['{ chain: true, anchor: { file: b, url: "https://witness.test" } }', 'either file or url'],
    ['{ chain: true, anchor: { file: b, token: "${ANCHOR_TOKEN}" } }', 'token and ca are for url'],
    ['{ file: a, chain: true, anchor: { file: a } }', 'a second place is another file than the audit itself'],
    ['{ chain: true, anchor: { url: "http://169.254.169.254/" } }', 'not a link-local address'],
    ['{ chain: true, anchor: { url: "https://me@witness.test/" } }', 'without fragment or user name'],
  ])('%s is refused', (audit, words) => {
    const loaded = read(audit)
    expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message).join()).toContain(words)
  })
})

test('each of several processes has files of its own, so that none has two writers', () => {
  const of = (file: string, chain?: object) =>
    auditOfWorker(
      { file, required: false, isNamed: true, ...(chain ? { chain: { key: 'k', ...chain } } : {}) },
      2,
    )
  expect(of('/var/log/a.jsonl').file).toBe('/var/log/a.jsonl')
  expect(of('/var/log.d/audit', {}).file).toBe('/var/log.d/audit-2')
  expect(of('stdout', {}).file).toBe('stdout')
  expect(of('/var/log/a.jsonl', { anchor: { file: '/mnt/kept.jsonl' } })).toMatchObject({
    file: '/var/log/a-2.jsonl',
    chain: { key: 'k', anchor: { file: '/mnt/kept-2.jsonl' } },
  })
  expect(of('a.jsonl', { anchor: { url: 'https://w.test' } }).chain).toEqual({
    key: 'k',
    anchor: { url: 'https://w.test' },
  })
})
