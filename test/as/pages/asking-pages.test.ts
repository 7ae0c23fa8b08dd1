// The pages that ask for more than yes or no, in a real Chromium: scopes to tick, and servers to choose from.
import { afterEach, describe, expect, test } from 'vitest'
import { hasChromium, screenshot, withChromium } from '../support/chromium.ts'
import { PASSWORD, RESOURCE, routeOf, type Scene, startScene } from '../support/scene.ts'

let scene: Scene
afterEach(() => scene.close())

describe.runIf(hasChromium)('in Chromium', () => {
  test('what a call was refused for: its words are the label, and the space bar ticks it', async () => {
    scene = await startScene()
    scene.server.noteRefused({
      ...{ subject: 'alice', clientId: 'client-1', resource: RESOURCE, missing: ['notes:write'] },
      ...{
        grantId: 'grant',
        token: 'token',
        tokenExpiresAt: scene.clock.now + 3_600_000,
        isChallenged: true,
      },
    })
    await withChromium({ viewport: { width: 320, height: 800 } }, async ({ page, complaints }) => {
      await signIn(page, scene.authorizeUrl())
      const box = page
        .getByRole('group', { name: 'Asked for by a refused call' })
        .getByRole('checkbox', { name: 'Create and change notes (notes:write)' })
      await box.waitFor()
      await screenshot(page, 'consent-offered')
      expect(await box.isChecked()).toBe(false)
      await box.press('Space')
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
      expect(complaints).toEqual([])
    })
    const [, told] = scene.events.filter(
      ({ event }) => event.startsWith('consent') || event.startsWith('step'),
    )
    expect(told?.detail).toBe('offered notes:write; ticked notes:write')
  })

  test('which server: a button for each, then the consent page for it', async () => {
    const other = 'https://mcp.example.com/files/mcp'
    const routes = [routeOf(RESOURCE, ['notes:read']), routeOf(other, ['files:read'])]
    scene = await startScene({ routes })
    await withChromium({ viewport: { width: 320, height: 800 } }, async ({ page, complaints }) => {
      await signIn(page, scene.authorizeUrl('client-1', { scope: 'openid' }))
      await page.getByRole('button', { name: other }).waitFor()
      await screenshot(page, 'which-server')
      await page.getByRole('button', { name: other }).click()
      await page.getByRole('heading', { name: 'mcp.example.com/files/mcp' }).waitFor()
      expect(complaints).toEqual([])
    })
  })
})

type Page = Parameters<typeof screenshot>[0]

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
