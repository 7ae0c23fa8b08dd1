// The pages in a real Chromium: the whole way of a person, with mouse, with the keyboard alone, without JavaScript,
// and on a narrow screen. Screenshots stay in build/screenshots/.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, screenshot, withChromium } from '../support/chromium.ts'
import { clientOf, PASSWORD, type Scene, startScene } from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({
    clients: [clientOf('hostile', '<script>alert(1)</script>\u202eelgooG', 'http://127.0.0.1:1/cb')],
  })
})
afterAll(() => scene.close())

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A code came to the client, with its state and our issuer. */
function expectCode(): void {
  const callback = scene.callbacks.at(-1)
  expect(callback?.searchParams.get('code')).toMatch(/^.{20,}$/)
  expect(callback?.searchParams.get('state')).toBe('state-of-client')
  expect(callback?.searchParams.get('iss')).toBe(scene.origin)
}

describe.runIf(hasChromium)('in Chromium', () => {
  test('field 35: from the client through sign-in and consent and back, and no complaint of the browser', async () => {
    await withChromium({}, async ({ page, complaints }) => {
      await page.goto(scene.authorizeUrl())
      await screenshot(page, 'sign-in-wide')
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Notes for Claude')
      await signIn(page)
      await page.waitForURL(/\/interaction\//)
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
      await screenshot(page, 'consent-wide')
      expect(await page.getByRole('listitem').allTextContents()).toContain('Read your notes (notes:read)')
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
      expect(complaints).toEqual([])
    })
    expectCode()
  })

  test('with the keyboard alone', async () => {
    await withChromium({}, async ({ page }) => {
      await page.goto(scene.authorizeUrl())
      await tabTo(page, 'document.activeElement.id', 'name')
      await page.keyboard.type('alice')
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('password')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Tab')
      await screenshot(page, 'sign-in-focus')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
      await tabTo(page, 'document.activeElement.value', 'allow')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/callback\?/)
    })
    expectCode()
  })

  test('without JavaScript, dark, 360 pixels wide, nothing runs over the side', async () => {
    const narrow = {
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    } as const
    await withChromium(narrow, async ({ page }) => {
      await page.goto(
        scene.authorizeUrl('client-1', { scope: 'openid notes:read notes:write offline_access' }),
      )
      await screenshot(page, 'sign-in-360-dark')
      await expectNoOverflow(page)
      await signIn(page)
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
      await screenshot(page, 'consent-360-dark')
      await expectNoOverflow(page)
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
    })
    expectCode()
  })

  test('a wrong password: a summary that is announced and leads to the field, and the name is still there', async () => {
    await withChromium({ viewport: { width: 360, height: 740 } }, async ({ page }) => {
      await page.goto(scene.authorizeUrl())
      await page.getByLabel('Name').fill('alice')
      await page.getByLabel('Password').fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
      const alert = page.getByRole('alert')
      await alert.waitFor()
      await screenshot(page, 'sign-in-problem-360')
      expect(await page.title()).toMatch(/^Problem: /)
      await alert.getByRole('link').click()
      expect(await focused(page)).toBe('name')
      expect(await page.getByLabel('Name').inputValue()).toBe('alice')
      expect(await page.getByLabel('Password').inputValue()).toBe('')
    })
  })

  test('A25: a hostile client name is text, without marks that turn it around', async () => {
    await withChromium({}, async ({ page, complaints }) => {
      await page.goto(scene.authorizeUrl('hostile', { redirect_uri: 'http://127.0.0.1:1/cb' }))
      await screenshot(page, 'sign-in-hostile')
      const heading = await page.getByRole('heading', { level: 1 }).textContent()
      expect(heading).toBe('Sign in to let <script>alert(1)</script>elgooG use mcp.example.com/notes/mcp')
      expect(await page.locator('script').count()).toBe(0)
      expect(complaints).toEqual([])
    })
  })

  test('A23: in a frame of another site there is nothing of it', async () => {
    const site = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(`<title>Win</title><iframe src="${scene.authorizeUrl()}"></iframe>`)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    await withChromium({}, async ({ page, complaints }) => {
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
      const [, frame] = page.frames()
      await frame?.waitForLoadState()
      expect(frame?.url()).toBe('chrome-error://chromewebdata/')
      expect(complaints.join('\n')).toContain("frame-ancestors 'none'")
    })
    site.close()
  })

  test('the account page: signed in, disconnect, signed out', async () => {
    await withChromium({}, async ({ page }) => {
      await page.goto(`${scene.origin}/account`)
      await signIn(page)
      await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
      await screenshot(page, 'account')
      await page.getByRole('button', { name: 'Disconnect Notes for Claude' }).click()
      await page.getByRole('status').waitFor()
      await screenshot(page, 'account-disconnected')
      expect(await page.getByText('Nothing is connected.').count()).toBe(1)
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByRole('heading', { name: 'Signed out' }).waitFor()
      await page.goto(`${scene.origin}/account`)
      expect(await page.getByLabel('Password').count()).toBe(1)
    })
  })
})

/** Presses Tab until what has the focus is the one. */
async function tabTo(page: Page, read: string, expected: string): Promise<void> {
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(read)) === expected) return
  }
  throw new Error(`nothing with ${expected} gets the focus`)
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.id')
}

async function expectNoOverflow(page: Page): Promise<void> {
  const sides = await page.locator('main').boundingBox()
  expect(sides?.x ?? -1).toBeGreaterThanOrEqual(0)
  expect((sides?.x ?? 0) + (sides?.width ?? 999)).toBeLessThanOrEqual(360)
  const boxes = await Promise.all((await page.locator('main *').all()).map((one) => one.boundingBox()))
  for (const box of boxes) if (box !== null) expect(box.x + box.width).toBeLessThanOrEqual(360)
}
