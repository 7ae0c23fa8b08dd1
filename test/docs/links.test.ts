// Links between the pages lead somewhere: to a file of the repository and, after `#`, to a heading in it.
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PAGES, ROOT, textOf } from './page.ts'

interface Link {
  readonly page: string
  readonly target: string
}

const links: Link[] = PAGES.flatMap((page) =>
  [...textOf(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map((match) => ({
    page,
    target: match[1] as string,
  })),
)

/** As the anchors of code hosts are made: lower case, spaces to hyphens, other marks dropped. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('links in the pages', () => {
  it('there are some', () => {
    expect(links.length).toBeGreaterThan(20)
  })

  it.each(links.map(({ page, target }) => [page, target] as const))('%s → %s', (page, target) => {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? new URL(page, ROOT) : new URL(path, new URL(page, ROOT))
    expect(existsSync(file)).toBe(true)
    if (anchor === undefined) return
    expect(anchorsOf(textOf(file.pathname.slice(ROOT.pathname.length)))).toContain(anchor)
  })
})
