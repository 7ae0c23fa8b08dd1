// docs/evidence.md against what a chained audit really holds: the members of its lines, and the sample on the page.
import { describe, expect, it } from 'vitest'
import { chainedFolder, eventOf, linesOf } from '../observe/chain/chained-audit.ts'
import { blocksOf, tableOf, wordOf } from './page.ts'

const PAGE = 'docs/evidence.md'
/** What every event has; operations.md describes it. */
const OF_EVERY_EVENT = ['time', 'stream', 'event']

describe('docs/evidence.md', () => {
  it('describes every member that a chain adds, and no other', async () => {
    const chained = chainedFolder()
    const audit = chained.open()
    audit.event(eventOf(1))
    await audit.close()
    const members = linesOf(chained.file).flatMap((line) => {
      const record = JSON.parse(line) as Record<string, unknown>
      const names = Object.keys(record)
      return record['event'] === 'checkpoint' ? names : names.slice(names.indexOf('chain'))
    })
    const written = [...new Set([...members, 'foreign'])].filter((name) => !OF_EVERY_EVENT.includes(name))
    const described = tableOf(PAGE, 'member').flatMap(([names = '']) =>
      names.split(', ').map((name) => name.replaceAll('`', '')),
    )
    expect(written.sort()).toEqual(described.sort())
  })

  it('the changed copy differs from the audit by one word', () => {
    const textOf = (file: string) =>
      blocksOf(PAGE).find((block) => wordOf(block, 'file') === file)?.text ?? ''
    expect(textOf('changed.jsonl')).toBe(textOf('audit.jsonl').replace('"refused"', '"allowed"'))
  })
})
