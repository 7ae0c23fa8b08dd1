// Every regular expression of the sources stands in expressions.json: with the text that costs it the most, as what stands
// before, what is repeated and what stands behind, or with why its input is short. One that is missing there fails.
// The syntax trees are those of the compiler itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isCallOrNewExpression,
  isIdentifier,
  isRegularExpressionLiteral,
  type Node,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { expect, test } from 'vitest'
import { growthOf, LINEAR } from '../support/growth.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'src/')

type Worst = readonly [before: string, repeated: string, behind: string]
type Entries = Readonly<Record<string, Worst | string>>
const TABLE = JSON.parse(readFileSync(join(import.meta.dirname, 'expressions.json'), 'utf8')) as Readonly<
  Record<string, Entries>
>

/** `file` and text of each, as far as the tree knows it: what is put together at run time has the text of its making. */
function expressionsOf(file: string, root: Node): string[] {
  const found: string[] = []
  const visit = (node: Node): void => {
    const made =
      isCallOrNewExpression(node) && isIdentifier(node.expression) && node.expression.text === 'RegExp'
    if (made) found.push(`${file} RegExp`)
    if (isRegularExpressionLiteral(node)) found.push(`${file} ${node.text}`)
    node.forEachChild(visit)
  }
  visit(root)
  return found
}

function expressionsOfSources(): string[] {
  const api = new API({ cwd: ROOT })
  try {
    const [project] = api.updateSnapshot({ openProject: join(ROOT, 'tsconfig.json') }).getProjects()
    if (project === undefined) throw new Error('tsconfig.json opens no project')
    const { program } = project
    const files = program.getSourceFileNames().filter((name) => name.startsWith(SOURCES))
    return files.flatMap((name) => {
      const root = program.getSourceFile(name)
      if (root === undefined) throw new Error(`no syntax tree of ${name}`)
      return expressionsOf(name.slice(SOURCES.length), root)
    })
  } finally {
    api.close()
  }
}

const ROWS = Object.entries(TABLE).flatMap(([file, entries]) =>
  Object.entries(entries).map(([text, entry]) => ({ file, text, entry })),
)

test('D33 every regular expression is in the table, and the table has no other', { timeout: 120_000 }, () => {
  const found = new Set(expressionsOfSources())
  expect(found.size).toBeGreaterThan(150)
  expect([...found].sort()).toEqual(ROWS.map(({ file, text }) => `${file} ${text}`).sort())
})

const run = ROWS.flatMap(({ file, text, entry }) =>
  typeof entry === 'string' ? [] : [{ file, text, worst: entry }],
)
test.each(run)('D33 $file: $text takes linear time', { timeout: 60_000 }, ({ text, worst }) => {
  const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? []
  const expression = new RegExp(source, flags)
  const [before, repeated, behind] = worst
  const growth = growthOf((length) => {
    const input = before + repeated.repeat(Math.ceil(length / repeated.length)) + behind
    return () => {
      expression.lastIndex = 0
      return flags.includes('g') ? input.replace(expression, '') : expression.test(input)
    }
  }, 262_144)
  expect(growth).toBeLessThan(LINEAR)
})

const bounded = ROWS.filter(({ entry }) => typeof entry === 'string')
test.each(bounded)('D33 $file: $text reads what is short', ({ entry }) => {
  expect(String(entry).length).toBeGreaterThan(15)
})
