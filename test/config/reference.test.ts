// Y29: the published schema and the reference manual are the ones that the loader's schema makes.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { knownKeys } from '../../src/config/known-keys.ts'
import { reference } from '../../src/config/reference.ts'
import { jsonSchema } from '../../src/config/schema.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('generated files', () => {
  it('Y29 config/gateway.schema.json is current', () => {
    expect(JSON.parse(read('config/gateway.schema.json'))).toEqual(JSON.parse(JSON.stringify(jsonSchema())))
  })

  it('docs/config.md is current', () => expect(read('docs/config.md')).toBe(reference()))

  it('every key has a description', () => {
    const rows = reference()
      .split('\n')
      .filter((line) => line.startsWith('| `') && line.split(' | ').length === 4)
    expect(rows.length).toBeGreaterThan(60)
    expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([])
  })
})

describe('knownKeys', () => {
  it.each([
    [['admin'], ['listen', 'public_url', 'token', 'tokens', 'peers', 'people']],
    [
      ['issuers', 'any', 'introspection', 'cache'],
      ['ttl', 'negative_ttl', 'max_entries'],
    ],
    [
      ['routes', 3, 'upstream_auth'],
      ['mode', 'header', 'value', 'audience', 'ttl', 'claims', 'body', 'reuse'],
    ],
    [
      ['routes', 0, 'identity'],
      ['prefix', 'claims'],
    ],
    [['nowhere'], []],
  ])('%j', (path, keys) => expect(knownKeys(path)).toEqual(keys))
})
