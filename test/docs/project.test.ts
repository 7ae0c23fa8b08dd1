// What CONTRIBUTING.md, LICENSE and CHANGELOG.md claim about the project, held against the project.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROOT, tableOf, textOf } from './page.ts'

interface Package {
  readonly version: string
  readonly license: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const project = JSON.parse(textOf('package.json')) as Package

function installed(name: string): Package {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, ROOT), 'utf8')) as Package
}

describe('the dependencies in CONTRIBUTING.md', () => {
  const tables = [
    ['runtime package', project.dependencies],
    ['development package', project.devDependencies],
  ] as const

  it.each(tables)('every %s has a row with its version and licence', (header, wanted) => {
    const rows = tableOf('CONTRIBUTING.md', header).map(([name = '', version, licence]) => ({
      name,
      version,
      licence,
    }))
    const expected = Object.keys(wanted ?? {}).map((name) => {
      const { version, license } = installed(name)
      // One package points at its licence file instead of naming it; the file is MIT and Apache-2.0.
      const licence = license === 'SEE LICENSE IN LICENSE' ? 'MIT, Apache-2.0' : license
      return { name, version, licence }
    })
    const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name)
    expect(rows.sort(byName)).toEqual(expected.sort(byName))
  })

  it('every npm script that a page names exists', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', 'docs/getting-started.md']
    const named = pages.flatMap((page) => [...textOf(page).matchAll(/npm run ([a-z]+)/g)])
    expect(named.length).toBeGreaterThan(5)
    for (const [, script = ''] of named) expect(project.scripts).toHaveProperty(script)
  })
})

describe('LICENSE and CHANGELOG.md', () => {
  it('the licence is the one that package.json names, in full', () => {
    expect(project.license).toBe('Apache-2.0')
    const text = textOf('LICENSE')
    expect(text).toContain('Version 2.0, January 2004')
    expect(text).toContain('9. Accepting Warranty or Additional Liability.')
  })

  it('the change log speaks of the version that is being made', () => {
    expect(textOf('CHANGELOG.md')).toMatch(new RegExp(`^## \\[${project.version}\\]`, 'm'))
  })

  it('the change log has four headings, and bullets of at most two lines', () => {
    const [, ...sections] = textOf('CHANGELOG.md').split(/^### /m)
    expect(sections.map((section) => section.slice(0, section.indexOf('\n')))).toEqual([
      'Added',
      'Changed',
      'Fixed',
      'Security',
    ])
    const bullets = sections.flatMap((section) => section.split(/^(?=- )/m).slice(1))
    expect(bullets.filter((bullet) => bullet.trim().split('\n').length > 2)).toEqual([])
  })
})
