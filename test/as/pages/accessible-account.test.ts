// The pages of a person's own, those of a browser on a route, and those at the end of a flow, in a real Chromium, light, dark
// and 360 pixels wide, and their buttons with the keyboard alone.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenedPages, testLooks } from '../support/axe.ts'
import { hasChromium, type Visit, withChromium } from '../support/chromium.ts'
import { clientOf, PASSWORD, RESOURCE, routeOf, type Scene, startScene } from '../support/scene.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const FILES = 'https://mcp.example.com/files/mcp'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({
    routes: [routeOf(RESOURCE, ['notes:read']), routeOf(FILES, ['notes:read'])],
    browser: [
      {
        ...{ name: 'notes', issuer: 'builtin', resource: RESOURCE, subjectClaims: ['sub'] },
        ...{ scopes: ['notes:read'], allowedOrigins: [] },
        session: { idleSeconds: 1_800, absoluteSeconds: 43_200 },
      },
    ],
  })
  const device = { ...clientOf('device', 'Living room', 'http://127.0.0.1:1/cb'), redirect_uris: [] }
  await scene.engine.store.clients.save('device', 'operator', {
    ...device,
    ...{ response_types: [], grant_types: [DEVICE_GRANT] },
  })
  const shown = { browser: 'Firefox, Linux', address: '2001:db8:4f00:1234:5678:9abc:def0:1234' }
  await scene.engine.store.loginSessions.save({
    ...{ id: 'another', subject: 'alice', key: 'key', lifeSeconds: 86_400 },
    ...shown,
  })
})
afterAll(() => scene.close())

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function enterAccount({ page }: Visit): Promise<void> {
  await page.goto(`${scene.origin}/account`)
  await signIn(page)
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
}

async function openPassword(visit: Visit): Promise<void> {
  await enterAccount(visit)
  await visit.page.getByRole('link', { name: 'Change the password' }).click()
  await visit.page.getByLabel('Current password').waitFor()
}

async function signInAtRoute({ page }: Visit): Promise<void> {
  scene.clock.now = Date.now() // the engine dates ID tokens by the clock of the machine
  await page.goto(`${scene.origin}/auth/login`)
  await signIn(page)
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.waitForURL(/\/auth\/success/)
}

const PAGES: OpenedPages = [
  [
    'account-two-browsers',
    async (visit) => {
      await visit.page.goto(scene.authorizeUrl('client-1', { resource: RESOURCE }))
      await signIn(visit.page)
      await visit.page.getByRole('button', { name: 'Allow', exact: true }).click()
      await visit.page.waitForURL(/\/callback\?/)
      await visit.page.goto(`${scene.origin}/account`)
      await visit.page.getByRole('button', { name: 'Sign out Firefox, Linux' }).first().waitFor()
    },
  ],
  ['password', openPassword],
  [
    'password-problem',
    async (visit) => {
      await openPassword(visit)
      await visit.page.getByLabel('Current password').fill(PASSWORD)
      await visit.page.getByLabel('New password', { exact: true }).fill('short')
      await visit.page.getByLabel('New password, once more').fill('short')
      await visit.page.getByRole('button', { name: 'Change the password' }).click()
      await visit.page.getByRole('alert').waitFor()
    },
  ],
  ['signed-out-everywhere', ({ page }) => page.goto(`${scene.origin}/account/signed-out-everywhere`)],
  ['browser-signed-in', signInAtRoute],
  [
    'browser-sign-out',
    async (visit) => {
      await signInAtRoute(visit)
      await visit.page.goto(`${scene.origin}/auth/logout`)
    },
  ],
  ['browser-signed-out', ({ page }) => page.goto(`${scene.origin}/auth/signed-out`)],
  ['browser-wrong-link', ({ page }) => page.goto(`${scene.origin}/auth/login?return_to=//elsewhere.example`)],
  [
    'which-server',
    async ({ page }) => {
      await page.goto(scene.authorizeUrl('client-1', { scope: 'notes:read' }))
      await signIn(page)
      await page.getByRole('heading', { name: 'Which server is Notes for Claude for?' }).waitFor()
    },
  ],
  [
    'device-done',
    async ({ page }) => {
      const fields = { client_id: 'device', scope: 'notes:read', resource: RESOURCE }
      const asked = { method: 'POST', body: new URLSearchParams(fields) }
      const begun = await fetch(`${scene.origin}/device_authorization`, asked)
      const told = (await begun.json()) as { readonly verification_uri_complete: string }
      await page.goto(told.verification_uri_complete)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('button', { name: 'Connect Living room' }).click()
      await signIn(page)
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.getByRole('heading', { name: 'Connected', exact: true }).waitFor()
    },
  ],
]

describe.runIf(hasChromium)('in Chromium', () => {
  testLooks(PAGES)

  test('the keyboard alone signs out another browser, without JavaScript', async () => {
    await withChromium({ javaScriptEnabled: false }, async (visit) => {
      await enterAccount(visit)
      await scene.engine.store.loginSessions.save({
        ...{ id: 'lost', subject: 'alice', key: 'key', lifeSeconds: 86_400 },
        ...{ browser: 'Safari, iPhone', address: '192.0.2.9' },
      })
      await visit.page.reload()
      const button = visit.page.getByRole('button', { name: 'Sign out Safari, iPhone' })
      for (let presses = 0; presses < 40; presses++) {
        await visit.page.keyboard.press('Tab')
        if (await button.evaluate((element) => element.matches(':focus'))) break
      }
      await visit.page.keyboard.press('Enter')
      await visit.page.getByRole('status').waitFor()
      expect(await button.count()).toBe(0)
      expect(await scene.engine.store.loginSessions.isAlive('lost')).toBe(false)
    })
  })
})
