// The pages that people read, and the fenced blocks in them. The word after the language says what a block is; what is
// true of it is checked in the tests beside this file.
import { readdirSync, readFileSync } from 'node:fs'

export const ROOT = new URL('../../', import.meta.url)

export interface Block {
  readonly page: string
  /** Of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  /** After the language: `file=gateway.yaml`, `part=policy`, `other`. */
  readonly words: readonly string[]
  readonly text: string
}

/** The pages at the top of the repository and in docs/, as paths from the root. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(new URL('docs/', ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

export function textOf(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let open: { readonly line: number; readonly info: string; readonly lines: string[] } | undefined
  for (const [index, line] of textOf(page).split('\n').entries()) {
    if (open === undefined) {
      if (line.startsWith('```')) open = { line: index + 1, info: line.slice(3), lines: [] }
      continue
    }
    if (line !== '```') {
      open.lines.push(line)
      continue
    }
    const [language = '', ...words] = open.info.split(' ')
    blocks.push({ page, line: open.line, language, words, text: `${open.lines.join('\n')}\n` })
    open = undefined
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: a block that does not end`)
  return blocks
}

export const BLOCKS: readonly Block[] = PAGES.flatMap(blocksOf)

export function placeOf({ page, line }: Block): string {
  return `${page}:${line}`
}

/** What stands after `name=` among the words of a block. */
export function wordOf(block: Block, name: string): string | undefined {
  return block.words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Rows of the table whose header begins with this cell, as trimmed cells without backticks around them. */
export function tableOf(page: string, firstHeader: string): string[][] {
  const lines = textOf(page).split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${firstHeader} |`))
  if (start === -1) throw new Error(`${page} has no table that begins with ${firstHeader}`)
  const rows: string[][] = []
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break
    rows.push(
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
    )
  }
  return rows
}
