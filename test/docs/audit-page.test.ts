// docs/audit.md: its shell commands for retention and for forgetting a person do what the page says, in the order in which
// they stand there. Its `console` blocks are run by commands.test.ts.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { blocksOf } from './page.ts'

const [prune, forget] = blocksOf('docs/audit.md').filter(({ words }) => words.includes('runs'))
const digest = (letter: string) => letter.repeat(64)
const line = (subject: string, policy: string, more: object = {}) =>
  `${JSON.stringify({ stream: 'audit', policy: digest(policy), subject, ...more })}\n`

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
  mkdirSync(at('policies'))
  for (const letter of 'abcd') writeFileSync(at('policies', `${digest(letter)}.json`), '')

  run(prune?.text, folder)
  expect(readdirSync(at('policies')).sort()).toEqual(
    ['a', 'b', 'c'].map((letter) => `${digest(letter)}.json`),
  )

  run(forget?.text, folder)
  expect(readdirSync(folder).sort()).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2.gz', 'policies'])
  expect(statSync(at('audit.jsonl.1')).mode & 0o777).toBe(0o600)
  expect(readFileSync(at('audit.jsonl'), 'utf8')).toBe(line('ada', 'a'))
  expect(readFileSync(at('audit.jsonl.1'), 'utf8')).toBe(quoted)
  expect(gunzipSync(readFileSync(at('audit.jsonl.2.gz'))).toString()).toBe(line('adam', 'c'))
  rmSync(folder, { recursive: true })
})
