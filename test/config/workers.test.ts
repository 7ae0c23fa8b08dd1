// `workers`: how many, and what several of them cannot share.
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'

const yaml = (top: string, browser = '') => `public_url: http://127.0.0.1:8080
${top}
issuers:
  corp: { issuer: https://login.test }
routes:
  - name: notes
    path: /mcp/notes
    upstream: { url: "http://127.0.0.1:1/mcp" }
    issuers: [corp]
    ${browser}
    policy: { rules: [{ name: all, tools: [list], scopes: [read] }] }
`
const BROWSER = 'browser: { issuer: corp, client_id: gate }'
const read = (text: string) => parseConfig(text, { file: 'gateway.yaml', env: {} })
const problemsOf = (text: string) => {
  const loaded = read(text)
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}

describe('workers', () => {
  test.each([
    ['', 1],
    ['workers: 4', 4],
    ['workers: auto', 'auto'],
  ])('%s', (top, workers) => {
    const loaded = read(yaml(top))
    expect(loaded.ok && loaded.settings.workers).toBe(workers)
  })

  test.each([
    ['workers: 0', 'expected at least 1'],
    ['workers: 65', 'expected at most 64'],
    ['workers: many', 'expected a whole number from 1 to 64, or auto, found text'],
    ['workers: 1.5', 'expected a whole number from 1 to 64, or auto, found a number'],
  ])('%s is refused', (top, message) => {
    expect(problemsOf(yaml(top))).toEqual([message])
  })

  test('sessions of browsers that stand in one process need one process', () => {
    expect(problemsOf(yaml('workers: 1', BROWSER))).toEqual([])
    expect(problemsOf(yaml('workers: 2', BROWSER)).join()).toContain('set workers: 1')
    expect(problemsOf(yaml('workers: auto', BROWSER)).join()).toContain('authorization_server')
  })
})
