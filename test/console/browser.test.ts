// The console in a real Chromium: everybody can use it, light, dark and 360 pixels wide, with the keyboard alone and
// without script; a call is seen as it ends, and is found as one types.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenedPages, testLooks } from '../as/support/axe.ts'
import { hasChromium, type Visit, withChromium } from '../as/support/chromium.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
  for (const tool of ['safe', 'danger', '<img src=x onerror=alert(1)>', '\u202etool']) await call(tool, 'ada')
})
afterAll(() => gateway.close())

const call = (tool: string, sub: string) =>
  gateway.post(toolCall(tool), { authorization: `Bearer ${gateway.token('a', { sub })}` })

/** By the link that a terminal shows. */
async function open({ page }: Visit, path: string): Promise<Page> {
  await page.goto(gateway.running.consoleLink())
  await page.getByRole('button', { name: 'Open the console' }).click()
  await page.getByRole('heading', { name: 'Routes' }).waitFor()
  await page.goto(`${gateway.running.adminOrigin}/console${path}`)
  return page
}

/** Each live page is told every 2 s: when it has told this one for the third time, it has told the page that is looked at. */
const THIRD_EVENT = `new Promise((resolve) => {
  const events = new EventSource('/console/events')
  let told = 0
  events.addEventListener('all', () => {
    told += 1
    if (told < 3) return
    events.close()
    resolve()
  })
})`

const rows = (page: Page) => page.locator('tbody tr')

const PAGES: OpenedPages = [
  ['console', (visit) => open(visit, '')],
  [
    'console-calls',
    async (visit) => {
      const page = await open(visit, '/calls')
      await page.getByText('Live.').waitFor()
    },
  ],
  ['console-policy', (visit) => open(visit, '/policy')],
  ['console-settings', (visit) => open(visit, '/settings')],
]

describe.skipIf(!hasChromium)('the console in a browser', () => {
  testLooks(PAGES, () => 1)

  test('a call is seen when it has ended, and nothing that a caller chose acts', async () => {
    await withChromium({}, async (visit) => {
      const page = await open(visit, '/calls')
      await page.getByText('Live.').waitFor()
      await call('safe', 'grace')
      await rows(page).filter({ hasText: 'grace' }).first().waitFor()
      expect(await page.locator('tbody img').count()).toBe(0)
      expect(await rows(page).filter({ hasText: '\\u202etool' }).count()).toBe(1)
      expect(visit.complaints).toEqual([])
    })
  })

  test('with the keyboard alone: to the filter, typed, found, paused, and on', async () => {
    await withChromium({}, async (visit) => {
      const page = await open(visit, '/calls')
      await page.getByText('Live.').waitFor()
      const isFocused = (name: string) =>
        page.evaluate(
          `document.activeElement.id === '${name}' || document.activeElement.textContent === '${name}'`,
        )
      for (let tabs = 0; tabs < 20 && !(await isFocused('q')); tabs += 1) await page.keyboard.press('Tab')
      await page.keyboard.type('scope_missing subject:ada')
      await page.getByText(/^1 that fit/).waitFor()
      expect(await rows(page).count()).toBe(1)
      expect(page.url()).toContain('?q=scope_missing%20subject%3Aada')
      for (let tabs = 0; tabs < 5 && !(await isFocused('Pause')); tabs += 1) await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByText('Paused.').waitFor()
      await page.keyboard.press('Enter')
      await page.getByText('Live.').waitFor()
    })
  })

  test('without script: the same calls, and the same filter by its button', async () => {
    await withChromium({ javaScriptEnabled: false }, async (visit) => {
      const page = await open(visit, '/calls')
      expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
      await page.getByLabel('Filter').fill('tool:danger')
      await page.getByRole('button', { name: 'Show' }).click()
      await page.waitForURL(/\?q=tool/)
      expect(await rows(page).count()).toBe(1)
      await page.getByRole('link', { name: 'Routes' }).click()
      await page.getByText('The gateway is ready.').waitFor()
    })
  })

  test('the routes stay as they are now, but for whoever has the keyboard in them', async () => {
    await withChromium({}, async (visit) => {
      const page = await open(visit, '')
      const count = async () =>
        Number(/hour: (\d+)/.exec(await page.locator('figcaption').first().innerText())?.[1])
      const before = await count()
      await call('safe', 'ada')
      await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before)
      await page.getByRole('region', { name: 'Routes' }).focus()
      const seen = await count()
      let hasChanged = false
      const told = page.evaluate(THIRD_EVENT).then(() => {
        hasChanged = true
      })
      while (!hasChanged) await call('safe', 'ada')
      await told
      expect(await count()).toBe(seen)
      await page.getByRole('link', { name: 'Calls' }).focus()
      await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(seen)
      expect(visit.complaints).toEqual([])
    })
  })
})
