// Y28: every YAML that stands in a page loads as it stands there. A block is a whole gateway.yaml, or says which part of
// one it is (`part=route`), that it belongs to another program (`other`), or to one that brings a verifier (`library`).
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import { checkPolicies } from '../../src/policy/check.ts'
import { BLOCKS, type Block, placeOf, wordOf } from './page.ts'

const ENV = {
  ADMIN_TOKEN: 'admin-token',
  ANCHOR_TOKEN: 'anchor-token',
  EAST_TOKEN: 'east-token',
  WEST_TOKEN: 'west-token',
  SESSION_KEY: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T',
  COOKIE_SECRET: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T',
  GOOGLE_SECRET: 'google-secret',
  GITHUB_SECRET: 'github-secret',
  CORP_SECRET: 'corp-secret',
  INTROSPECTION_SECRET: 'secret',
  INTROSPECTION_SECRET_NEXT: 'secret-next',
  UPSTREAM_KEY: 'upstream-key',
  PGPASSWORD: 'database-password',
  STATE_PASSWORD: 'state-password',
  APPROVALS_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
}

const PARTS = ['top', 'issuer', 'route', 'policy'] as const
type Part = (typeof PARTS)[number]

const ISSUER = ['issuer: https://login.example.com/realms/acme']
const ROUTE = ['name: notes', 'path: /notes/mcp', 'upstream: http://127.0.0.1:3001/mcp', 'issuers: [corp]']

/** A whole file with the part in its place; what the part says itself is left out of the rest. */
function fileWith(part: Part, text: string): string {
  const own = (name: Part) => (name === part ? text.trimEnd().split('\n') : [])
  const usual = (lines: string[]) =>
    lines.filter((line) => !text.split('\n').some((other) => other.startsWith(`${line.split(':')[0]}:`)))
  const put = (lines: readonly string[], spaces: number) =>
    lines.map((line) => `${' '.repeat(line === '' ? 0 : spaces)}${line}\n`).join('')
  const issuer = put([...(part === 'issuer' ? usual(ISSUER) : ISSUER), ...own('issuer')], 4)
  const [first = '', ...rest] = [...(part === 'route' ? usual(ROUTE) : ROUTE), ...own('route')]
  return [
    `public_url: https://mcp.example.com\n${put(own('top'), 0)}`,
    `issuers:\n  corp:\n${issuer}`,
    `routes:\n  - ${first}\n${put(rest, 4)}`,
    part === 'policy' ? `    policy:\n${put(own('policy'), 6)}` : '',
  ].join('')
}

function wholeFile(block: Block): string {
  const part = wordOf(block, 'part')
  return part === undefined ? block.text : fileWith(part as Part, block.text)
}

const yaml = BLOCKS.filter(({ language }) => language === 'yaml')
const broken = yaml.filter(({ words }) => words.includes('broken'))
const other = yaml.filter(({ words }) => words.includes('other'))
const ours = yaml.filter((block) => !broken.includes(block) && !other.includes(block))

describe('Y28: YAML in the pages', () => {
  it('the pages show whole files and parts', () => {
    expect(ours.length).toBeGreaterThan(15)
    const parts = ours.map((block) => wordOf(block, 'part')).filter((part) => part !== undefined)
    expect([...new Set(parts)].sort()).toEqual([...PARTS].sort())
  })

  it.each(ours.map((block) => [placeOf(block), block] as const))('%s loads', (place, block) => {
    const customVerifiers = block.words.includes('library')
    const options = { file: place, env: ENV, checks: [checkPolicies], customVerifiers }
    const loaded = parseConfig(wholeFile(block), options)
    const problems = loaded.ok ? loaded.warnings : loaded.problems
    const told = problems.map(renderProblem)
    expect(loaded.ok, told.join('\n')).toBe(true)
    expect(told.length > 0, told.join('\n')).toBe(block.words.includes('warns'))
  })

  it.each(broken.map((block) => [placeOf(block), block] as const))('%s does not load', (place, block) => {
    const loaded = parseConfig(wholeFile(block), { file: place, env: ENV, checks: [checkPolicies] })
    expect(loaded.ok).toBe(false)
  })

  it.each(other.map((block) => [placeOf(block), block] as const))('%s is YAML', (_place, block) => {
    const documents = parseAllDocuments(block.text)
    if ('empty' in documents) throw new Error('an empty block')
    expect(documents.flatMap((document) => document.errors)).toEqual([])
  })
})
