// The pages of the device flow in a real Chromium, and through an outside provider with one button.
import { afterEach, describe, expect, test } from 'vitest'
import { hasChromium, screenshot, withChromium } from '../support/chromium.ts'
import { clientOf, PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'
import { EVERYBODY, startWay } from '../support/way.ts'

let close: () => Promise<void>
afterEach(() => close())

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

async function startDeviceScene(): Promise<Scene> {
  const device = { ...clientOf('device', 'Living room', 'http://127.0.0.1:1/cb') }
  const grants = { redirect_uris: [], response_types: [], grant_types: [DEVICE_GRANT] }
  const scene = await startScene({ clients: [{ ...device, ...grants }] })
  close = scene.close
  return scene
}

async function post(url: string, fields: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  return (await answer.json()) as Record<string, unknown>
}

describe.runIf(hasChromium)('in Chromium', () => {
  test('A41: a device is connected after its code was typed, who asks was shown, and the person agreed', async () => {
    const scene = await startDeviceScene()
    const asked = { client_id: 'device', scope: 'notes:read', resource: RESOURCE }
    const begun = await post(`${scene.origin}/device_authorization`, asked)
    const narrow = { javaScriptEnabled: false, viewport: { width: 360, height: 740 } }
    await withChromium(narrow, async ({ page, complaints }) => {
      await page.goto(String(begun['verification_uri']))
      await page.getByLabel('Code').fill('WRONG-CODE')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').waitFor()
      await screenshot(page, 'device-problem-360')
      await page.getByLabel('Code').fill(String(begun['user_code']))
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { name: 'Is this your device?' }).waitFor()
      await screenshot(page, 'device-confirm-360')
      const facts = await page.locator('dd').allTextContents()
      expect(facts).toContain('Living room')
      expect(facts).toContain('Read your notes')
      await page.getByRole('button', { name: 'Connect Living room' }).click()
      await page.getByLabel('Name').fill('alice')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.getByRole('heading', { name: 'Connected' }).waitFor()
      await screenshot(page, 'device-done-360')
      expect(complaints).toEqual([])
    })
    const fields = {
      client_id: 'device',
      grant_type: DEVICE_GRANT,
      device_code: String(begun['device_code']),
    }
    expect(await post(`${scene.origin}/token`, fields)).toMatchObject({ scope: 'notes:read' })
  })

  test('field 35: through an outside provider and back, past every form-action', async () => {
    const way = await startWay(EVERYBODY)
    close = way.close
    await withChromium({}, async ({ page, complaints }) => {
      await page.goto(way.scene.authorizeUrl())
      await screenshot(page, 'sign-in-provider')
      await page.getByRole('button', { name: 'Continue with Fake' }).click()
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
      expect(await page.getByText('Ada Lovelace').count()).toBe(1)
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
      expect(complaints).toEqual([])
    })
    expect(way.scene.callbacks.at(-1)?.searchParams.get('code')).toMatch(/^.{20,}$/)
  })

  test('an unknown client: an error in words, on a page of ours', async () => {
    const scene = await startDeviceScene()
    await withChromium({ colorScheme: 'dark' }, async ({ page }) => {
      await page.goto(scene.authorizeUrl('nobody'))
      await screenshot(page, 'error-dark')
      expect(await page.getByRole('alert').textContent()).toContain('is not known, or no longer')
      expect(page.url().startsWith(scene.origin)).toBe(true)
    })
  })
})
