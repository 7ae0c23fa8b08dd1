// The installed command before there is anything to run, and on a Node that cannot run it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith } from './shared/recording-io.ts'

const ROOT = join(import.meta.dirname, '../..')

function launch({ built = false, flags = [] as readonly string[] }) {
  const folder = folderWith({})
  for (const name of ['bin', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  if (built) {
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/main.js'), 'console.log(process.argv.slice(2).join())')
  }
  const args = [...flags, join(folder, 'bin/portcullis.mjs'), 'check', '-c', 'x']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

test('runs what was compiled', () => {
  expect(launch({ built: true })).toEqual({ status: 0, out: 'check,-c,x\n', err: '' })
  expect(statSync(join(ROOT, 'bin/portcullis.mjs')).mode & 0o111).toBe(0o111)
})

test('what was linked before it stood there starts the same way', () => {
  const [shebang, main] = ['bin/portcullis.mjs', 'src/main.ts'].map(
    (path) => readFileSync(join(ROOT, path), 'utf8').split('\n')[0],
  )
  expect(shebang).toMatch(/^#!.* --max-semi-space-size=4$/)
  expect(main).toBe(shebang)
})

test('before the build it says which command builds', () => {
  expect(launch({})).toEqual({
    status: 1,
    out: '',
    err: 'portcullis: it is not compiled yet; in its folder, run: npm run ready\n',
  })
})

test('on an older Node it says which it needs, once there is something to run', () => {
  const older = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.19.0"}})`
  const flags = ['--import', older]
  const { status, err } = launch({ built: true, flags })
  expect(launch({ flags }).err).toContain('not compiled')
  expect([status, err]).toEqual([
    1,
    'portcullis: it needs Node 22.19 or later; this is 20.19.0 (in its folder, npx brings one)\n',
  ])
})
