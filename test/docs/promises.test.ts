// test/promises.md: each promise of SECURITY.md has tests there, and each test exists under its title.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { quotedIn } from '../support/titles.ts'
import { ROOT, tableOf, textOf } from './page.ts'

const PAGE = 'test/promises.md'
const [, promised = ''] = textOf('SECURITY.md').split(/^## What is (?:not )?promised$/m)
/** What stands in bold at the beginning of each line of the list. */
const promises = promised
  .split(/^- \*\*/m)
  .slice(1)
  .map((text) => text.slice(0, text.indexOf('**')).replaceAll('\n  ', ' '))
const rows = tableOf(PAGE, 'promise').map(([promise = '', link = '', title = '']) => {
  const path = /^\[`(test\/([^`]+))`\]\(\2\)$/.exec(link)?.[1] ?? ''
  return { promise, path, title }
})

describe('what SECURITY.md promises', () => {
  test('each promise has a test, in the order of the promises, and each test a promise', () => {
    expect(promises.length).toBeGreaterThan(20)
    const held = [...new Set(rows.map(({ promise }) => promise))]
    expect(held, 'give each promise a row in test/promises.md').toEqual(promises)
  })

  test.each(rows)('$path: $title', ({ path, title }) => {
    expect(path).not.toBe('')
    expect(title).not.toBe('')
    expect(existsSync(new URL(path, ROOT)), path).toBe(true)
    const quoted = quotedIn(textOf(path)).split('\n')
    expect(quoted.map((text) => text.slice(1, -1))).toContain(title)
  })
})
