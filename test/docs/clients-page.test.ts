// docs/clients.md is what the corpus of client behaviour makes, and says of nobody what was not seen.
import { describe, expect, test } from 'vitest'
import { type Client, readCorpus } from '../clients/corpus/format.ts'
import { clientsPage } from '../clients/corpus/page.ts'
import { textOf } from './page.ts'

const corpus = readCorpus()

test('docs/clients.md is current (npm run docs)', () => {
  expect(textOf('docs/clients.md')).toBe(clientsPage(corpus))
})

describe.each(corpus)('$file', ({ client }) => {
  test('says what it does only where it was run', () => {
    const said = wordsOf(client)
    if (client.kind !== 'run') expect(said.filter((words) => /\bdoes\b/.test(words))).toEqual([])
    else expect(client.source).toContain('record-clients.mjs')
  })
})

const run = corpus.filter(({ client }) => client.kind === 'run')
test.each(run)('$file names a package and its version', ({ client }) => {
  expect(client.version).toMatch(/^\S+ \d+\.\d+(?:\.\d+)?\S*(?:, .+)?$/)
})

function wordsOf({ scopes = '', forbidden = '', limits, reactions }: Client): string[] {
  return [scopes, forbidden, ...limits.map(({ what }) => what), ...reactions.map(({ follows }) => follows)]
}
