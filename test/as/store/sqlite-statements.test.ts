// node:sqlite of Node 22.19, the oldest that is supported, binds `?` and `$name`, but not `?1`.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../src/as/store/sqlite')

test('no statement has numbered parameters', () => {
  const files = globSync('*.ts', { cwd: FOLDER }).map(
    (file) => [file, readFileSync(join(FOLDER, file), 'utf8')] as const,
  )
  expect(files.filter(([, text]) => text.includes('.prepare(')).length).toBeGreaterThan(5)
  expect(files.filter(([, text]) => /\?\d/.test(text)).map(([file]) => file)).toEqual([])
})
