// Package names that nobody owns: a page that says to install them invites somebody else to own them.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('T-34: no page and no manifest names them', () => {
  const pages = globSync(['*.md', 'docs/*.md', 'config/*.yaml', 'package.json', 'package-lock.json'])
  expect(pages.length).toBeGreaterThan(15)
  for (const page of pages) expect(readFileSync(page, 'utf8'), page).not.toMatch(/@trmx\/|install trmx/)
})
