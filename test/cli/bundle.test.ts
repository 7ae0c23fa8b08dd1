// What `run` loads at its start is one bundle: every package in it has its licence beside it, and no command is lost.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/main.js')

test('a start reads few modules', () => {
  const count = `data:text/javascript,import { registerHooks } from 'node:module'
    let files = 0
    registerHooks({ load: (url, context, next) => { if (url.startsWith('file:')) files += 1; return next(url, context) } })
    process.on('exit', () => console.log(files))`
  const args = [
    '--import',
    count.replaceAll('\n', ' ; ').replaceAll('%', '%25'),
    MAIN,
    'run',
    '-c',
    'no-such-file',
  ]
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  expect(Number(stdout)).toBeGreaterThan(3)
  expect(Number(stdout)).toBeLessThan(60)
})

test('the licence of each package in it is shipped', () => {
  const told = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
  const bundled = globSync('dist/bundle/*.js', { cwd: ROOT }).flatMap((file) =>
    [
      ...readFileSync(join(ROOT, file), 'utf8').matchAll(
        /^ *\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
      ),
    ].map(([, name = '']) => name),
  )
  const names = [...new Set(bundled)]
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !told.includes(`${name} `))).toEqual([])
})

test('every command is there', () => {
  const { stdout, status } = spawnSync(process.execPath, [MAIN, 'help'], { cwd: ROOT, encoding: 'utf8' })
  expect(status).toBe(0)
  const names = [...stdout.matchAll(/^ {2}(\w[\w-]*) {2}/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(20)
  const known = [...readFileSync(join(ROOT, 'src/cli/cli.ts'), 'utf8').matchAll(/^ {2}\['([\w-]+)',/gm)]
  expect(names).toEqual(expect.arrayContaining(known.map(([, name]) => name)))
})
