// Whether a page can be used by everybody: axe-core finds no violation of WCAG 2.2 A and AA, also of contrast, nothing runs over
// the side, and no script is on it but where a passkey needs one. The screenshots stay in build/screenshots/.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { screenshot, type Visit, withChromium } from './chromium.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LOOKS = [
  ['light', { viewport: { width: 1280, height: 720 } }],
  ['dark', { viewport: { width: 1280, height: 720 }, colorScheme: 'dark' }],
  ['360', { viewport: { width: 360, height: 640 } }],
] as const

/** axe-core runs in the page's own world, where the policy of the page lets no script in but the debugger's. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return await page.evaluate<string[]>(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  )
}

/** @param scripts how many the page may have */
async function expectAccessible(page: Page, name: string, scripts = 0): Promise<void> {
  await screenshot(page, name)
  expect(await violationsOf(page), name).toEqual([])
  expect(await page.locator('script').count()).toBe(scripts)
  const over = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  expect(await page.evaluate(over), `${name} runs over the side`).toBeLessThanOrEqual(0)
}

/** How a page is opened, by its name. */
export type OpenedPages = readonly (readonly [string, (visit: Visit) => Promise<unknown>])[]

/** A test for each page in each look. @param scripts how many the page of this name may have; none by default */
export function testLooks(pages: OpenedPages, scripts: (name: string) => number = () => 0): void {
  describe.each(LOOKS)('%s', (look, options) => {
    test.each(pages)('%s', async (name, open) => {
      await withChromium(options, async (visit) => {
        await open(visit)
        await expectAccessible(visit.page, `${name}-${look}`, scripts(name))
      })
    })
  })
}
