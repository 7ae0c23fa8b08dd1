// Which packages of the demo are missing, and what to type.
import { expect, test } from 'vitest'
import { howToInstall, missingPackages } from '../../../src/cli/demo/packages.ts'

function resolveAllBut(absent: string) {
  return (id: string) => {
    if (id.startsWith(absent)) throw new Error('not installed')
    return id
  }
}

test.each([
  ['nothing', 'none', []],
  ['one', '@modelcontextprotocol/sdk/', ['@modelcontextprotocol/sdk']],
  [
    'all',
    '@modelcontextprotocol/',
    ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client', '@modelcontextprotocol/server-everything'],
  ],
])('%s missing', (_, absent, expected) => {
  expect(missingPackages(resolveAllBut(absent))).toEqual(expected)
})

test('here they are installed', () => {
  expect(missingPackages()).toEqual([])
})

test('says what to type', () => {
  expect(howToInstall(['a', 'b'])).toContain('\n  npm install a b\n')
})
