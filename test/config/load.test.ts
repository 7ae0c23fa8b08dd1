// The whole way from a file to settings: everything at once and in order, checks of other parts, and what a file on
// disk may not be.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConfigCheck, loadConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import { expectError, file, load, problemsOf, underlined } from './support.ts'

const BROKEN = `public_url: https://mcp.example.com/
listenn: 127.0.0.1:8080
issuers:
  corp:
    issuer: http://login.example.com
    leeway: 61s
    leeway: 5s
routes:
  - name: notes
    path: /notes
    upstream: file:///etc/passwd
    issuers: [crop]
    policy:
      rules:
        - { name: broad, tools: ["*"] }
        - { name: narrow, tools: [a] }
        - { name: broken, tools: [b], scopes: [] }
  - name: notes
    path: /notes
    upstream: http://127.0.0.1:1/
    issuers: [corp]
    scopes: [offline_access]
`

/** Stands for the policy part: it says that the rule called narrow is shadowed. */
const shadowed: ConfigCheck = (settings) =>
  settings.routes.flatMap((route, index) =>
    route.policy.rules.flatMap((rule, position) =>
      rule.name === 'narrow'
        ? [
            {
              severity: 'error' as const,
              path: ['routes', index, 'policy', 'rules', position],
              message: 'shadowed',
            },
          ]
        : [],
    ),
  )

describe('parseConfig', () => {
  it('reports everything at once, in file order', () => {
    const problems = problemsOf(load(BROKEN, [shadowed]))
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message.slice(0, 28)}`)).toEqual([
      '1:13 expected an origin such as h',
      '2:1 unknown key "listenn"; did y',
      '5:13 plain http is only for an is',
      '6:13 expected a duration from 0s ',
      '7:5 duplicate key "leeway"; each',
      '11:15 expected an http(s) URL with',
      '12:15 no issuer is named "crop"; d',
      '16:11 shadowed',
      '17:39 an empty list says nothing; ',
      '18:11 duplicate route name "notes"',
      '19:11 duplicate path: route "notes',
      '22:14 offline_access is no scope o',
    ])
  })

  it('a broken file is told no consequences of what was cut out', () => {
    const text = file({
      issuer:
        'validaton: jwt_else_introspection\nintrospection: { client_id: a, client_secret: "${SECRET}" }',
    })
    expectError(text, /unknown key "validaton"; did you mean "validation"/)
    expectError(
      file({ issuer: 'validation: introspection\nintrospection: 5' }),
      /expected a map, found a number/,
    )
    expectError(file({ top: 'admin: { listen: "0.0.0.0:1", tokn: x }' }), /unknown key "tokn"/)
  })

  it('findings of checks become problems at their place', () => {
    const text = file({ rules: ['{ tools: [a] }', '{ name: narrow, tools: [b] }'] })
    const [problem] = problemsOf(load(text, [shadowed]))
    expect(problem).toMatchObject({ severity: 'error', message: 'shadowed', file: 'gateway.yaml' })
    expect(underlined(text, problem)).toMatch(/^\{ name: narrow/)
  })

  it('warnings of checks do not stop the file', () => {
    const warn: ConfigCheck = () => [{ severity: 'warning', path: ['routes', 0, 'name'], message: 'odd' }]
    expect(load(file(), [warn])).toMatchObject({
      ok: true,
      warnings: [{ message: 'odd', line: 6, column: 11 }],
    })
  })

  it('a path that leads nowhere ends at what is nearest', () => {
    const lost: ConfigCheck = () => [{ severity: 'warning', path: ['routes', 9, 'x'], message: 'odd' }]
    expect(load(file(), [lost])).toMatchObject({ ok: true, warnings: [{ source: 'routes:' }] })
  })
})

describe('loadConfig', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'load-'))
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'good.yaml'), file())
    writeFileSync(join(folder, 'huge.yaml'), `# ${'x'.repeat(16 * 1024 * 1024)}`)
    writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]))
    writeFileSync(join(folder, 'secret'), 's3cret')
    writeFileSync(join(folder, 'secrets.yaml'), file({ top: 'admin: { token: file:secret }' }))
    writeFileSync(join(folder, 'open.yaml'), file())
    chmodSync(join(folder, 'open.yaml'), 0o666)
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const at = (name: string) => loadConfig({ file: join(folder, name), env: {} })

  it.each([
    ['absent.yaml', /no such file; name one with -c, or begin one with `portcullis init`/],
    ['folder', /not a regular file/],
    ['huge.yaml', /larger than 16 MiB/],
    ['latin1.yaml', /not UTF-8/],
  ])('Y25 %s', (name, words) => {
    const loaded = at(name)
    expect(loaded.ok).toBe(false)
    expect(problemsOf(loaded).map(renderProblem)).toEqual([expect.stringMatching(words)])
  })

  it('Y25 a device is no configuration', () => {
    expect(loadConfig({ file: '/dev/zero', env: {} })).toMatchObject({ ok: false })
  })

  it('Y27 a file and its text load alike', () => {
    expect(at('good.yaml')).toEqual(load(file()))
  })

  it('file: is relative to the configuration, and the file is named for watching', () => {
    const loaded = at('secrets.yaml')
    expect(loaded).toMatchObject({ ok: true, files: [join(folder, 'secret')] })
    expect(loaded.ok && loaded.settings.admin.token?.reveal()).toBe('s3cret')
  })

  it('Y26 a file that everyone may write is a warning', () => {
    expect(at('open.yaml')).toMatchObject({
      ok: true,
      warnings: [{ message: expect.stringMatching(/chmod o-w/) }],
    })
  })
})
