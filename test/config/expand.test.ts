// Y11–Y13, Y25: what `${VAR}` and `file:` may do, where, and what they may never do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expand } from '../../src/config/expand.ts'
import type { ExpansionSite } from '../../src/config/expansion-sites.ts'
import { ENV, expectError, expectWarning, file, load, problemsOf, settingsOf } from './support.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'expand-'))
  writeFileSync(join(folder, 'secret'), 'from-file\n')
  writeFileSync(join(folder, 'variable'), '${SECRET}')
  writeFileSync(join(folder, 'empty'), '\n')
  writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe]))
  writeFileSync(join(folder, 'huge'), 'x'.repeat(64 * 1024 + 1))
  writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n')
  mkdirSync(join(folder, 'folder'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (text: string, site: ExpansionSite) =>
  expand(text, site, { env: ENV, file: join(folder, 'gateway.yaml') })

const VALUES: readonly (readonly [string, string, ExpansionSite, string])[] = [
  ['a variable in a secret', '${SECRET}', 'secret', 'from-env'],
  ['a variable inside text', 'Bearer ${SECRET}!', 'secret', 'Bearer from-env!'],
  ['a variable in a URL', '${URL}/path', 'url', 'https://from.env/path'],
  ['$${ is the two characters', 'a$${SECRET}', 'plain', 'a${SECRET}'],
  ['$${ in a secret too', '$${SECRET}', 'secret', '${SECRET}'],
  ['a dollar alone is a dollar', 'a$b{c}', 'plain', 'a$b{c}'],
  ['Y11 a value is not read again', '${NEST}', 'secret', '${SECRET}'],
  ['Y11 a value with line feeds stays one value', '${INJECT}', 'secret', 'x\n  auth: none'],
  ['file: in a secret, without its last line feed', 'file:secret', 'secret', 'from-file'],
  ['Y11 a file is not read for variables', 'file:variable', 'secret', '${SECRET}'],
  ['file: means nothing elsewhere', 'file:///srv/**', 'plain', 'file:///srv/**'],
  ['file: means nothing in a URL', 'file:secret', 'url', 'file:secret'],
  ['a certificate is read', 'file:ca.pem', 'pem', '-----BEGIN CERTIFICATE-----\n'],
]

const FAULTS: readonly (readonly [string, string, ExpansionSite, RegExp])[] = [
  [
    'Y12 unset',
    '${UNSET}',
    'secret',
    /environment variable UNSET is unset or empty; set it, or use file:\/path$/,
  ],
  ['Y12 empty', '${EMPTY}', 'url', /environment variable EMPTY is unset or empty; set it$/],
  ['Y12 inherited', '${constructor}', 'secret', /constructor is unset/],
  ['Y12 defaults', '${UNSET:-x}', 'secret', /defaults and expressions are not supported/],
  ['no name', '${}', 'secret', /expected \$\{NAME\}/],
  ['no end', '${SECRET', 'secret', /expected \$\{NAME\}/],
  ['a variable in plain text', '${SECRET}', 'plain', /only read in secrets and URLs/],
  ['a missing file', 'file:absent', 'secret', /cannot read .*absent: ENOENT/],
  ['an empty file', 'file:empty', 'secret', /is empty/],
  ['Y25 a folder', 'file:folder', 'secret', /not a regular file/],
  ['Y25 a device', 'file:/dev/zero', 'secret', /not a regular file/],
  ['Y25 too large', 'file:huge', 'secret', /larger than 64 KiB/],
  ['not UTF-8', 'file:binary', 'secret', /not UTF-8/],
  ['another host', 'file://host/secret', 'secret', /expected file:\/path/],
  ['no path', 'file:', 'secret', /expected file:\/path/],
  ['a certificate without file:', '/etc/ca.pem', 'pem', /expected file:\/path/],
  ['a certificate that is none', 'file:secret', 'pem', /not a PEM file/],
]

describe('expand', () => {
  it.each(VALUES)('%s', (_, text, site, value) => {
    expect(read(text, site)).toMatchObject({ ok: true, value })
  })

  it.each(FAULTS)('%s is refused', (_, text, site, words) => {
    const result = read(text, site)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(words) })
    expect(JSON.stringify(result)).not.toContain('from-env')
  })

  it('an absolute file: URL is a path', () => {
    expect(read(`file://${join(folder, 'secret')}`, 'secret')).toMatchObject({ ok: true, value: 'from-file' })
  })
})

describe('in the file', () => {
  const secret = (value: string): string => file({ top: `admin: { token: ${value} }` })

  it('secrets print as [secret] wherever they come from', () => {
    const settings = settingsOf(secret('"${SECRET}"'))
    expect(settings.admin.token?.reveal()).toBe('from-env')
    expect(JSON.stringify(settings)).not.toContain('from-env')
  })

  it('Y11 a variable never becomes YAML', () => {
    expect(settingsOf(secret('"${INJECT}"')).admin.token?.reveal()).toBe(ENV.INJECT)
  })

  it('Y13 a literal secret is a warning that does not show it', () => {
    expectWarning(secret('hunter2'), /a secret stands in the file/, 'hunter2')
    expect(JSON.stringify(problemsOf(load(secret('hunter2'))))).not.toContain('hunter2')
  })

  it('Y12 an empty literal secret is an error', () =>
    expectError(secret('""'), /a secret may not be empty/, '""'))

  it.each([
    ['a tool', file({ rules: ['{ tools: ["${SECRET}"] }'] })],
    ['the listen address', file({ top: 'listen: "${SECRET}"' })],
    ['a client id', file({ issuer: 'claims: { client: "${SECRET}" }' })],
    ['a key', file({ top: 'scopes_imply: { "${SECRET}": [a] }' })],
  ])('a variable in %s is an error', (_, text) => expectError(text, /only read in secrets and URLs/))

  it('URLs may hold variables', () => {
    expect(settingsOf(file({ publicUrl: '"${URL}"' })).publicUrl).toBe('https://from.env')
    expect(settingsOf(file({ upstream: '"${URL}/mcp"' })).routes[0]?.upstream).toMatchObject({
      url: 'https://from.env/mcp',
    })
    expect(settingsOf(file({ route: 'audience: ["${URL}/a"]' })).routes[0]?.audience).toEqual([
      'https://from.env/a',
    ])
  })

  it('a URL from a variable is not repeated in the problem', () => {
    const problems = problemsOf(load(file({ publicUrl: '"${URL}/path"' })))
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(/expected an origin/)])
    expect(JSON.stringify(problems)).not.toContain('from.env')
  })
})
