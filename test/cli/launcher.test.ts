// The installed command before there is anything to run, and on a Node that cannot run it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith } from './shared/recording-io.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Launch {
  readonly built?: boolean
  /** With a Node of its own. */
  readonly clone?: boolean
  readonly flags?: readonly string[]
  readonly args?: readonly string[]
}

function launch({ built = false, clone = false, flags = [], args = ['check', '-c', 'x'] }: Launch) {
  const folder = folderWith({})
  for (const name of ['bin', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  if (built) {
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/main.js'), 'console.log(process.argv.slice(2).join())')
  }
  if (clone) {
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/.bin/node'), '')
  }
  const bin = join(folder, 'bin/portcullis.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, bin, ...args], {
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr, bin, folder }
}

test('runs what was compiled', () => {
  expect(launch({ built: true })).toMatchObject({ status: 0, out: 'check,-c,x\n', err: '' })
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
  expect(launch({})).toMatchObject({
    status: 1,
    out: '',
    err: 'portcullis: it is not compiled yet; in its folder, run: npm run ready\n',
  })
})

/** What an older Node says of itself. */
const OLDER = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.19.0"}})`

test('on an older Node it says which it needs, once there is something to run, and one command that works', () => {
  const flags = ['--import', OLDER]
  expect(launch({ flags }).err).toContain('not compiled')
  const { status, err, bin } = launch({ built: true, flags })
  const told = 'portcullis: it needs Node 22.19 or later, and this is 20.19.0. With another one:\n'
  expect([status, err]).toEqual([1, `${told}  npx -y -p node@26 node ${bin} check -c x\n`])
})

test('the other Node is that of a clone, where there is one', () => {
  const { err, folder } = launch({ built: true, flags: ['--import', OLDER], clone: true })
  expect(err).toContain(`\n  ${folder}/node_modules/.bin/node ${folder}/bin/portcullis.mjs check -c x\n`)
})

test('words are quoted for a shell, and what may hold a password is not repeated', () => {
  const flags = ['--import', OLDER]
  expect(launch({ built: true, flags, args: ["it's", 'a b'] }).err).toMatch(/mjs 'it'\\''s' 'a b'\n$/)
  const { err } = launch({ built: true, flags, args: ['data', 'copy', 'postgres://u:secret@h/d'] })
  expect(err).toMatch(/mjs …\n$/)
})

test('the Node that it names is the one that it is tested with', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [, named] = /node@(\d+)/.exec(readFileSync(join(ROOT, 'bin/portcullis.mjs'), 'utf8')) ?? []
  expect(devDependencies.node).toMatch(new RegExp(`^\\^${named}\\.`))
})
