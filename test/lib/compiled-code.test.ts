// Where compiled code is kept: only in a folder that nobody else can write or exchange, since whoever can runs code as
// the gateway.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiledCodeFolder } from '../../src/lib/compiled-code.ts'

const uid = process.getuid?.()
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'compiled-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))
const found = (env: Readonly<Record<string, string>> = {}) =>
  compiledCodeFolder({ env: { HOME: home, ...env }, uid })

test('it is made in the cache of its user, for nobody else', () => {
  const folder = join(home, '.cache/portcullis/compiled')
  expect(found()).toBe(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(found()).toBe(folder)
})

test.each(['XDG_CACHE_HOME', 'CACHE_DIRECTORY'])('%s says where caches are', (name) => {
  expect(found({ [name]: join(home, 'caches') })).toBe(join(home, 'caches/portcullis/compiled'))
})

const UNSAFE: readonly (readonly [what: string, spoil: (folder: string) => void])[] = [
  ['others may write there', (folder) => chmodSync(folder, 0o777)],
  ['its group may write there', (folder) => chmodSync(folder, 0o770)],
  ['others may read there, so its maker was not this program', (folder) => chmodSync(folder, 0o755)],
  ['others may exchange it', (folder) => chmodSync(join(folder, '..'), 0o777)],
  ['others may exchange a folder above it', (folder) => chmodSync(join(folder, '../..'), 0o777)],
  [
    'a link leads to where others may write',
    (folder) => {
      mkdirSync(join(home, 'open/compiled'), { recursive: true, mode: 0o700 })
      chmodSync(join(home, 'open'), 0o777)
      rmSync(folder, { recursive: true })
      symlinkSync(join(home, 'open/compiled'), folder)
    },
  ],
]
test.each(UNSAFE)('D36 nothing is kept where %s', (_what, spoil) => {
  spoil(found() ?? '')
  expect(found()).toBeUndefined()
})

test('D36 nothing is made in a folder of somebody else', () => {
  const stranger = 12_345
  if (uid === 0) chownSync(home, stranger, stranger)
  expect(compiledCodeFolder({ env: { HOME: home }, uid: uid === 0 ? uid : stranger })).toBeUndefined()
  expect(readdirSync(home)).toEqual([])
})

test.each([
  ['Node was told itself', { NODE_COMPILE_CACHE: '/elsewhere' }],
  ['it is switched off', { NODE_DISABLE_COMPILE_CACHE: '1' }],
  ['there is no home', { HOME: '' }],
  ['the home is no path', { HOME: 'relative' }],
])('nothing is kept where %s', (_why, env) => {
  expect(found(env)).toBeUndefined()
  expect(existsSync(join(home, '.cache'))).toBe(false)
})

test('the command keeps its code there', () => {
  const main = join(import.meta.dirname, '../../dist/main.js')
  const env = { PATH: process.env['PATH'] ?? '', HOME: home }
  expect(spawnSync(process.execPath, [main, '--version'], { env, encoding: 'utf8' }).status).toBe(0)
  const [version = ''] = readdirSync(join(home, '.cache/portcullis/compiled'))
  expect(readdirSync(join(home, '.cache/portcullis/compiled', version)).length).toBeGreaterThan(0)
})
