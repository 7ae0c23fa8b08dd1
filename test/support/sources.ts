// The files of src and test, as text: for tests about the sources themselves.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export interface Source {
  readonly path: string
  readonly text: string
  /** Without comments. */
  readonly code: string
}

function read(pattern: string): Source[] {
  const exclude = ['**/node_modules/**']
  return globSync(pattern, { cwd: ROOT, exclude }).map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    return { path, text, code: text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '') }
  })
}

export const SOURCES = read('src/**/*.ts')
export const TESTS = read('test/**/*.ts')
