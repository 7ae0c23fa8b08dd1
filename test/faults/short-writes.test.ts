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

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-short-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs a module with this file as its argument; what it printed, as JSON. */
async function inSmallFiles(file: string, module: string): Promise<unknown> {
  const node = [process.execPath, '--input-type=module', '-e', module, file]
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...node])
  return JSON.parse(stdout)
}

const source = (path: string) => new URL(`../../src/${path}`, import.meta.url).href

const TELL = `
import { copyFileSync, truncateSync } from 'node:fs'
import { createAudit } from '${source('observe/audit.ts')}'
const file = process.argv[1]
const audit = createAudit({ file, required: true, generation: () => 1 })
let told = 0
const tell = () => {
  told += 1
  audit.event({ event: 'sign_in', actor: 'ada', detail: 'x'.repeat(100) })
}
while (audit.failures === 0) tell()
copyFileSync(file, file + '.1')
truncateSync(file)
tell()
tell()
console.log(JSON.stringify({ told, failures: audit.failures }))
`

test('F06: with audit.required a cut record is none, and the next one is whole', async () => {
  const file = join(folder, 'audit.jsonl')
  const { told, failures } = (await inSmallFiles(file, TELL)) as { told: number; failures: number }
  const [full, after] = [`${file}.1`, file].map((path) => readFileSync(path, 'utf8')) as [string, string]
  expect(full.endsWith('\n')).toBe(false)
  const whole = `${full}${after}`.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  for (const line of whole) expect(JSON.parse(line)).toMatchObject({ event: 'sign_in' })
  expect([failures, whole.length]).toEqual([1, told - 1])
})

const SAVE = `
import { saveManifest } from '${source('manifest/file.ts')}'
import { manifestOf } from '${source('manifest/manifest.ts')}'
const tools = Array.from({ length: 1_000 }, (_, index) => ({ name: 'tool-' + index }))
const inventory = { server: { name: 's', version: '2' }, tools, prompts: [], resources: [], templates: [] }
try {
  saveManifest(process.argv[1], manifestOf(inventory))
  console.log('"saved"')
} catch (error) {
  console.log(JSON.stringify(error.code))
}
`

test('D2: a manifest that cannot be written whole leaves the one before in its place', async () => {
  const file = join(folder, 'notes.manifest.json')
  const server = { name: 's', version: '1' }
  saveManifest(file, manifestOf({ server, tools: [], prompts: [], resources: [], templates: [] }))
  expect(await inSmallFiles(file, SAVE)).toBe('EFBIG')
  expect(loadManifest(file)).toMatchObject({ ok: true, manifest: { server } })
  expect(readdirSync(folder)).toEqual(['notes.manifest.json'])
})
