// Every page in a real Chromium, light, dark and 360 pixels wide: axe-core finds no violation of WCAG 2.2 A and AA, also
// of contrast; nothing runs over the side; no script is on it. The screenshots stay in build/screenshots/.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ToolDanger } from '../../../src/core/branding.ts'
import { type OpenedPages, testLooks, violationsOf } from '../support/axe.ts'
import { hasChromium, withChromium } from '../support/chromium.ts'
import { clientOf, PASSWORD, RESOURCE, routeOf, type Scene, startScene } from '../support/scene.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

let scene: Scene
beforeAll(async () => {
  const dangers = new Map<string, ToolDanger>([
    ['notes:write', 'writing'],
    ['notes:admin', 'destructive'],
  ])
  const describe = async () => ({ title: 'Notes', dangers })
  scene = await startScene({
    routes: [{ ...routeOf(RESOURCE, ['notes:read', 'notes:write', 'notes:admin']), describe }],
    branding: {
      name: 'Acme Tools',
      support: 'https://acme.example/help',
      privacy: 'https://acme.example/privacy',
      terms: 'https://acme.example/terms',
    },
    settings: {
      scopes: new Map([
        ['notes:read', 'Read your notes'],
        ['notes:write', 'Create and change notes'],
        ['notes:admin', 'Delete notes for good'],
      ]),
    },
  })
  const { clients } = scene.engine.store
  const device = clientOf('device', 'Living room', 'http://127.0.0.1:1/cb')
  const grants = { redirect_uris: [], response_types: [], grant_types: [DEVICE_GRANT] }
  await clients.save('device', 'operator', { ...device, ...grants })
  await clients.save('cursor', 'registered', { ...clientOf('cursor', 'Claude Code', scene.callbackUrl) })
})
afterAll(() => scene.close())

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const allow = (page: Page) => page.getByRole('button', { name: 'Allow', exact: true })

/** Each page with the way to it. */
const PAGES: OpenedPages = [
  ['sign-in', ({ page }) => page.goto(scene.authorizeUrl('cursor'))],
  [
    'sign-in-problem',
    async ({ page }) => {
      await page.goto(scene.authorizeUrl('cursor'))
      await page.getByLabel('Name').fill('alice')
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
    },
  ],
  [
    'consent',
    async ({ page }) => {
      await page.goto(
        scene.authorizeUrl('cursor', { scope: 'openid notes:read notes:write notes:admin offline_access' }),
      )
      await signIn(page)
      await allow(page).waitFor()
    },
  ],
  [
    'consent-more',
    async ({ page }) => {
      await page.goto(scene.authorizeUrl('cursor', { scope: 'notes:read' }))
      await signIn(page)
      await allow(page).click()
      await page.waitForURL(/\/callback\?/)
      await page.goto(scene.authorizeUrl('cursor', { scope: 'notes:read notes:admin' }))
      await page.getByRole('heading', { name: 'New in this request' }).waitFor()
    },
  ],
  [
    'consent-offered',
    async ({ page }) => {
      scene.server.noteRefused({
        ...{ subject: 'alice', clientId: 'cursor', resource: RESOURCE, missing: ['notes:write'] },
        ...{ grantId: 'grant', token: 'token', isChallenged: true },
        tokenExpiresAt: scene.clock.now + 3_600_000,
      })
      await page.goto(scene.authorizeUrl('cursor', { scope: 'notes:read' }))
      await signIn(page)
      await page.getByRole('group', { name: 'Asked for by a refused call' }).waitFor()
    },
  ],
  ['error', ({ page }) => page.goto(scene.authorizeUrl('nobody'))],
  [
    'account',
    async ({ page }) => {
      await page.goto(`${scene.origin}/account`)
      await signIn(page)
      await page.getByRole('button', { name: 'Sign out' }).first().waitFor()
    },
  ],
  ['sign-in-account', ({ page }) => page.goto(`${scene.origin}/account`)],
  ['device', ({ page }) => page.goto(`${scene.origin}/device`)],
  [
    'device-confirm',
    async ({ page }) => {
      const fields = { client_id: 'device', scope: 'notes:read', resource: RESOURCE }
      const begun = await fetch(`${scene.origin}/device_authorization`, {
        method: 'POST',
        body: new URLSearchParams(fields),
      })
      const { user_code } = (await begun.json()) as { readonly user_code: string }
      await page.goto(`${scene.origin}/device`)
      await page.getByLabel('Code').fill(user_code)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { name: 'Is this your device?' }).waitFor()
    },
  ],
  ['sign-out', ({ page }) => page.goto(`${scene.origin}/end_session`)],
  ['signed-out', ({ page }) => page.goto(`${scene.origin}/account/signed-out`)],
]

describe.runIf(hasChromium)('in Chromium', () => {
  testLooks(PAGES)

  test('what is wrong would be found', async () => {
    await withChromium({}, async ({ page }) => {
      await page.setContent('<html><body><p style="color:#999;background:#fff">pale</p><input></body></html>')
      const found = await violationsOf(page)
      for (const rule of ['color-contrast', 'label', 'html-has-lang'])
        expect(found.join()).toContain(`${rule}:`)
    })
  })

  test.each([
    [1280, 720],
    [360, 640],
  ])('consent at %i × %i: both buttons are in view before anything is scrolled', async (width, height) => {
    await withChromium({ viewport: { width, height } }, async ({ page }) => {
      await page.goto(
        scene.authorizeUrl('cursor', { scope: 'openid notes:read notes:write notes:admin offline_access' }),
      )
      await signIn(page)
      for (const name of ['Allow', 'Cancel']) {
        const button = page.getByRole('button', { name, exact: true })
        await button.waitFor()
        const box = await button.boundingBox()
        expect(box?.y ?? -1, name).toBeGreaterThanOrEqual(0)
        expect((box?.y ?? height) + (box?.height ?? 1), name).toBeLessThanOrEqual(height)
      }
    })
  })

  test('the keyboard alone opens the whole redirect address, and what has the focus is never covered', async () => {
    await withChromium({ viewport: { width: 360, height: 640 } }, async ({ page }) => {
      await page.goto(
        scene.authorizeUrl('cursor', { scope: 'openid notes:read notes:write notes:admin offline_access' }),
      )
      await signIn(page)
      await allow(page).waitFor()
      const seen: string[] = []
      for (let presses = 0; presses < 8; presses++) {
        await page.keyboard.press('Tab')
        seen.push(
          await page.evaluate('document.activeElement.tagName + " " + document.activeElement.textContent'),
        )
        if (seen.at(-1)?.startsWith('SUMMARY')) await page.keyboard.press('Enter')
        expect(await page.evaluate(IS_IN_VIEW), seen.at(-1)).toBe(true)
        if (seen.at(-1)?.endsWith('Allow')) break
      }
      expect(seen.map((one) => one.split(' ')[0])).toContain('SUMMARY')
      expect(await page.getByText(scene.callbackUrl, { exact: true }).isVisible()).toBe(true)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/callback\?/)
    })
  })
})

/** WCAG 2.2 §2.4.11: the middle of what has the focus is itself, and nothing over it. */
const IS_IN_VIEW = `(() => {
  const box = document.activeElement.getBoundingClientRect()
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  return top !== null && (document.activeElement.contains(top) || top.contains(document.activeElement))
})()`
