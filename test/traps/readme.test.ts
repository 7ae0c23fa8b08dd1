// The list is whole: each trap has a file here or a row in README.md, never both, and what a row points at exists and
// names what the row says.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const HERE = import.meta.dirname
const ROOT = join(HERE, '../..')
const rows = readFileSync(join(HERE, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , where = ''] = line.split('|').map((cell) => cell.trim())
    return /^T-\d\d$/.test(id) ? [{ id, where }] : []
  })
const files = globSync('*.test.ts', { cwd: HERE })
  .filter((name) => name !== 'readme.test.ts')
  .map((name) => {
    const text = readFileSync(join(HERE, name), 'utf8')
    const titles = [...text.matchAll(/^test(?:\.each\([\s\S]*?\))?\(\s*'([^']*)'/gm)].map(
      ([, title = '']) => title,
    )
    return { name, titles, id: titles[0]?.slice(0, 4) ?? '' }
  })

test('T-01 to T-50, each once', () => {
  const wanted = Array.from({ length: 50 }, (_, index) => `T-${String(index + 1).padStart(2, '0')}`)
  expect([...files, ...rows].map(({ id }) => id).sort()).toEqual(wanted)
})

test.each(files)('the tests of $name are of $id', ({ id, titles }) => {
  expect(titles.length).toBeGreaterThan(0)
  for (const title of titles) expect(title).toMatch(new RegExp(`^${id}\\b`))
})

describe('rows of the README', () => {
  test.each(rows)('$id: $where', ({ where }) => {
    const pointers = [...where.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
    expect(pointers.length).toBeGreaterThan(0)
    const text = pointers.map((path) => {
      expect(existsSync(join(ROOT, path)), path).toBe(true)
      return readFileSync(join(ROOT, path), 'utf8')
    })
    for (const [id] of where.matchAll(/\b(?:[GH]|PRM-|CHL-)\d+\b/g)) expect(text.join('\n')).toContain(id)
  })
})
