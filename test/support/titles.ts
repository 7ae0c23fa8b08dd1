// The names of the tests in files, as the test runner itself reads them: with the blocks they stand in, and nothing that
// only looks like a name.
import { execFile } from 'node:child_process'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const RUNNER = join(ROOT, 'node_modules/vitest/vitest.mjs')
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Of every test file below the folders, by its path below the root, as in `test/as/secrets.test.ts`. */
export async function titlesBelow(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const command = [RUNNER, 'list', ...folders, '--json'] // which would take a folder for its own file
  const options = { cwd: ROOT, maxBuffer: MAX_OUTPUT_BYTES }
  const { stdout } = await promisify(execFile)(process.execPath, command, options)
  const titles = new Map<string, string>()
  for (const { name, file } of JSON.parse(stdout) as readonly { name: string; file: string }[]) {
    const path = relative(ROOT, file)
    titles.set(path, `${titles.get(path) ?? ''}${name}\n`)
  }
  return titles
}

/** What stands between quotes in the code of a file: where the names of tests are. */
export function quotedIn(text: string): string {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('//'))
  return [...lines.join('\n').matchAll(/'[^'\n]*'|`[^`\n]*`/g)].map(([quoted]) => quoted).join('\n')
}

/** Whether the id stands among names by itself, and not within a longer one. */
export function isNamed(id: string, names: string | undefined): boolean {
  return names !== undefined && new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(names)
}

export interface Pointer {
  readonly id: string
  readonly path: string
}

/** Rows `| id | … |` of a page whose id fits the pattern, with the paths that each points at. */
export function rowsOf(page: string, pattern: RegExp) {
  return page.split('\n').flatMap((line) => {
    const [, id = '', ...cells] = line.split('|').map((cell) => cell.trim())
    const text = cells.join(' ')
    const pointers = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']): Pointer => ({ id, path }))
    return pattern.test(id) ? [{ id, text, pointers }] : []
  })
}
