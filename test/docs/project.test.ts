// What CONTRIBUTING.md, LICENSE and the Dockerfile claim about the project, held against the project. There is no
// container engine where the tests run, so the image is judged by the file that makes it.
import { existsSync, readFileSync } from 'node:fs'
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

describe('C09 C10 the image', () => {
  const instructions = textOf('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => {
      const [name = '', ...rest] = line.split(/\s+/)
      return { name, rest: rest.join(' ') }
    })
  const stages = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  const final = instructions.slice(stages.at(-1))
  const only = (name: string) =>
    final.filter((instruction) => instruction.name === name).map(({ rest }) => rest)

  it('builds in one stage and runs in another, both Node 26', () => {
    expect(stages.length).toBe(2)
    for (const index of stages) expect(instructions[index]?.rest).toMatch(/^node:26-\w+-slim( AS \w+)?$/)
  })

  it('has no ADD, and no secret in ARG or ENV', () => {
    expect(instructions.map(({ name }) => name)).not.toContain('ADD')
    for (const { name, rest } of instructions) {
      if (name === 'ARG' || name === 'ENV') expect(rest).not.toMatch(/secret|token|password|key/i)
    }
  })

  it('runs as a user without privileges, given as a number', () => {
    const [user] = only('USER')
    expect(user).toMatch(/^\d+:\d+$/)
    expect(user).not.toMatch(/^0:/)
  })

  it('needs no shell at run time', () => {
    expect(only('RUN')).toEqual([])
    for (const name of ['ENTRYPOINT', 'CMD']) {
      for (const rest of only(name)) expect(Array.isArray(JSON.parse(rest))).toBe(true)
    }
    expect(only('HEALTHCHECK')).toHaveLength(1)
    expect(only('HEALTHCHECK')[0]).toMatch(/CMD \["node", "-e", "fetch\(.*\/healthz/)
  })

  it('holds the compiled gateway and its production packages, and nothing else', () => {
    const copied = only('COPY').map((rest) => rest.split(' ').slice(0, -1))
    expect(copied.flat()).toEqual([
      '--from=build',
      '/app/package.json',
      '--from=build',
      '/app/dist',
      '--from=build',
      '/app/node_modules',
    ])
  })

  it('every file that the build stage copies exists, and .dockerignore leaves it in', () => {
    const ignored = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(ignored[0]).toBe('*')
    const copies = instructions.slice(0, stages[1]).filter(({ name }) => name === 'COPY')
    for (const path of copies.flatMap(({ rest }) => rest.split(' ').slice(0, -1))) {
      expect(existsSync(new URL(path, ROOT)), path).toBe(true)
      expect(ignored).toContain(`!${path}`)
    }
  })

  it('the healthcheck asks where the gateway says that health is', () => {
    expect(only('HEALTHCHECK')[0]).toContain('127.0.0.1:9090/healthz')
  })
})
