// A disk that takes a part of what is written: the rest fails, or what was kept is worse than nothing (F06). Played by
// a process whose files may only be so large.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadManifest, saveManifest } from '../../src/manifest/file.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'

const CHILD = new URL('./small-files-child.ts', import.meta.url).pathname

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-short-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What it printed. */
async function inSmallFiles(what: 'tell' | 'save', file: string): Promise<unknown> {
  const command = [process.execPath, CHILD, what, file]
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...command])
  return JSON.parse(stdout)
}

test('F06: with audit.required a cut record is none, and the next one is whole', async () => {
  const file = join(folder, 'audit.jsonl')
  const { told, failures } = (await inSmallFiles('tell', file)) as { told: number; failures: number }
  const [full, after] = [`${file}.1`, file].map((path) => readFileSync(path, 'utf8')) as [string, string]
  expect(full.endsWith('\n')).toBe(false)
  const whole = `${full}${after}`.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  for (const line of whole) expect(JSON.parse(line)).toMatchObject({ event: 'sign_in' })
  expect([failures, whole.length]).toEqual([1, told - 1])
})

test('D2: a manifest that cannot be written whole leaves the one before in its place', async () => {
  const file = join(folder, 'notes.manifest.json')
  const server = { name: 's', version: '1' }
  saveManifest(file, manifestOf({ server, tools: [], prompts: [], resources: [], templates: [] }))
  expect(await inSmallFiles('save', file)).toBe('EFBIG')
  expect(loadManifest(file)).toMatchObject({ ok: true, manifest: { server } })
  expect(readdirSync(folder)).toEqual(['notes.manifest.json'])
})
