// docs/audit.md: its shell commands for retention and for forgetting a person do what the page says, in the order in which
// they stand there. Its `console` blocks are run by commands.test.ts.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../src/core/audit-event.ts'
import { ocsfOfAuditEvent } from '../../src/observe/ocsf/audit-event.ts'
import { blocksOf } from './page.ts'

const [prune, forget] = blocksOf('docs/audit.md').filter(({ words }) => words.includes('runs'))
const digest = (letter: string) => letter.repeat(64)
const line = (subject: string, policy: string, more: object = {}) =>
  `${JSON.stringify({ stream: 'audit', policy: digest(policy), subject, ...more })}\n`

/** As audit.ocsf writes what a caller and what an operator did. */
function principalEvent(uid: string): string {
  return `${JSON.stringify({ class_uid: 6003, actor: { user: { uid, type_id: 0 } } })}\n`
}

function actorEvent(actor: string): string {
  const told: AuditEvent = { event: 'revoked', actor }
  return `${JSON.stringify(ocsfOfAuditEvent(told, 0))}\n`
}

function run(text: string | undefined, cwd: string): void {
  const { status, stderr } = spawnSync('/bin/sh', ['-e', '-c', text ?? 'false'], { cwd, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
}

test('policies go that no line names, and a person goes from the files that were set aside', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-page-'))
  const at = (...names: readonly string[]) => join(folder, ...names)
  const quoted = line('ben', 'b', { detail: 'says "subject":"ada"' })
  writeFileSync(at('audit.jsonl'), line('ada', 'a'))
  writeFileSync(at('audit.jsonl.1'), line('ada', 'b') + quoted)
  writeFileSync(at('audit.jsonl.2.gz'), gzipSync(line('adam', 'c') + line('x', 'c', { actor: 'ada' })))
  const named = ['operator ada', 'webhook ada', 'operator adam'].map((actor) => line('x', 'c', { actor }))
  writeFileSync(at('audit.jsonl.3'), named.join(''))
  const events = [principalEvent('ada'), principalEvent('adam'), actorEvent('operator ada')]
  writeFileSync(at('ocsf.jsonl.1'), events.join(''))
  mkdirSync(at('policies'))
  for (const letter of 'abcd') writeFileSync(at('policies', `${digest(letter)}.json`), '')

  run(prune?.text, folder)
  expect(readdirSync(at('policies')).sort()).toEqual(
    ['a', 'b', 'c'].map((letter) => `${digest(letter)}.json`),
  )

  run(forget?.text, folder)
  expect(readdirSync(folder).sort()).toEqual([
    ...['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2.gz', 'audit.jsonl.3', 'ocsf.jsonl.1', 'policies'],
  ])
  expect(statSync(at('audit.jsonl.1')).mode & 0o777).toBe(0o600)
  expect(readFileSync(at('audit.jsonl'), 'utf8')).toBe(line('ada', 'a'))
  expect(readFileSync(at('audit.jsonl.1'), 'utf8')).toBe(quoted)
  expect(readFileSync(at('audit.jsonl.3'), 'utf8')).toBe(named[2])
  expect(readFileSync(at('ocsf.jsonl.1'), 'utf8')).toBe(events[1])
  expect(gunzipSync(readFileSync(at('audit.jsonl.2.gz'))).toString()).toBe(line('adam', 'c'))
  rmSync(folder, { recursive: true })
})
