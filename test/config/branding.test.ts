// `branding`, and `title` and `icon` of a route: what is accepted, and how a mistake is told, with its place.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-branding-'))
const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x20', 'latin1')
beforeAll(() => {
  writeFileSync(join(folder, 'logo.png'), PNG)
  writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(folder, 'large.png'), Buffer.concat([PNG, Buffer.alloc(65_536)]))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function load(branding: string, route = '') {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(
    file,
    `public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
branding: ${branding}
issuers: { corp: { issuer: https://login.example.com } }
routes: [{ name: notes, path: /notes/mcp, upstream: http://127.0.0.1:1/mcp, issuers: [corp]${route} }]
`,
  )
  return loadConfig({ file, env: {} })
}

test('everything, with paths from the folder of the file; the images are files of the configuration', () => {
  const loaded = load(
    '{ name: Acme, logo: logo.png, support: "mailto:help@acme.example", privacy: https://a.example/p, terms: https://a.example/t, colour: "#ABCDEF" }',
    ', title: Notes, icon: logo.png',
  )
  expect(loaded.ok && loaded.settings.branding).toEqual({
    name: 'Acme',
    logo: join(folder, 'logo.png'),
    support: 'mailto:help@acme.example',
    privacy: 'https://a.example/p',
    terms: 'https://a.example/t',
    colour: '#abcdef',
  })
  expect(loaded.ok && loaded.settings.routes[0]).toMatchObject({
    title: 'Notes',
    icon: join(folder, 'logo.png'),
  })
  expect(loaded.ok && loaded.files).toContain(join(folder, 'logo.png'))
})

describe('a mistake is told', () => {
  test.each([
    ['{ logo: absent.png }', '', 'this image cannot be shown: ENOENT'],
    ['{ logo: logo.svg }', '', 'this image cannot be shown: not a PNG, JPEG, GIF or WebP image'],
    ['{ logo: large.png }', '', 'this image cannot be shown: larger than 64 KiB'],
    ['{ logo: . }', '', 'this image cannot be shown: '],
    ['{}', ', icon: logo.svg', 'this image cannot be shown: not a PNG'],
    ['{ colour: blue }', '', 'expected a colour such as "#1d4ed8"'],
    ['{ colour: "#fff" }', '', 'expected a colour such as "#1d4ed8"'],
    ['{ colour: "red;}body{display:none" }', '', 'expected a colour'],
    ['{ support: "javascript:alert(1)" }', '', 'mailto: with an address'],
    ['{ support: "mailto:a@b.example?bcc=c@d.example" }', '', 'mailto: with an address'],
    ['{ privacy: "http://a.example/p" }', '', 'expected an https URL'],
    [`{ name: ${'x'.repeat(61)} }`, '', 'at most 60 characters'],
    ['{ name: "  " }', '', 'this may not be empty'],
    ['{}', ', title: ""', 'this may not be empty'],
    ['{ color: "#1d4ed8" }', '', 'unknown key "color"'],
  ])('%s %s', (branding, route, message) => {
    const loaded = load(branding, route)
    const problems = loaded.ok ? [] : loaded.problems
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message)
    expect(problems[0]?.line).toBe(route === '' ? 3 : 5)
  })
})
