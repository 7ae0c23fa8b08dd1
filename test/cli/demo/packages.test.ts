// The packages of the demo: which are missing, what the lock file for them holds, and what is said where npm cannot
// bring them. test/package/ runs the demo of an installed package.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { missingPackages } from '../../../src/cli/demo/packages.ts'

const ROOT = join(import.meta.dirname, '../../..')
const NAMES = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server-everything',
]

function resolveAllBut(absent: string) {
  return (id: string) => {
    if (id.startsWith(absent)) throw new Error('not installed')
    return id
  }
}

test.each([
  ['nothing', 'none', []],
  ['one', '@modelcontextprotocol/sdk/', ['@modelcontextprotocol/sdk']],
  ['all', '@modelcontextprotocol/', NAMES],
])('%s missing', (_, absent, expected) => {
  expect(missingPackages(resolveAllBut(absent)).sort()).toEqual(expected)
})

interface Lock {
  readonly packages: Record<string, { readonly version?: string; readonly integrity?: string } & object>
}

test('the lock file for them has them and what they need, as the project has them', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Lock
  const whole = read('package-lock.json').packages
  const { '': root, ...packages } = read('dist/demo-lock.json').packages
  const versions = NAMES.map((name) => [name, whole[`node_modules/${name}`]?.version])
  expect(root).toEqual({ name: 'portcullis-demo', dependencies: Object.fromEntries(versions) })
  expect(Object.keys(packages).length).toBeGreaterThan(50)
  expect(Object.keys(packages).length).toBeLessThan(150)
  for (const [path, { version, integrity }] of Object.entries(packages)) {
    expect([path, version, integrity]).toEqual([path, whole[path]?.version, whole[path]?.integrity])
    expect(integrity).toMatch(/^sha512-/)
  }
})
