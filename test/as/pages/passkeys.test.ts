// Passkeys in a real Chromium, whose virtual authenticator (WebAuthn Level 3 §11, over CDP) makes and shows them: with the
// keyboard, with axe-core, and without what a browser may lack.
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGrantOperations } from '../../../src/as/operate/grants.ts'
import { createUserOperations } from '../../../src/as/operate/users.ts'
import { type OpenedPages, testLooks } from '../support/axe.ts'
import { hasChromium, type Visit, withChromium } from '../support/chromium.ts'
import { PASSWORD, type Scene, startScene } from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({ host: 'localhost' })
  await import('@simplewebauthn/server') // the first passkey would wait for it, at times longer than a click may
})
beforeEach(async () => {
  await scene.engine.store.passkeys.removeAll('alice')
})
afterAll(() => scene.close())

interface Authenticator {
  readonly session: CDPSession
  readonly id: string
}

/** One in the device, with which its person proves themselves or not. */
async function attach({ context, page }: Visit, isVerified = true): Promise<Authenticator> {
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: isVerified, automaticPresenceSimulation: true },
    },
  })
  return { session, id }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function openPasskeys({ page }: Visit): Promise<void> {
  await page.goto(`${scene.origin}/account/passkeys`)
  await signIn(page)
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
}

async function addPasskey(visit: Visit, name = 'This laptop'): Promise<void> {
  await openPasskeys(visit)
  await visit.page.getByLabel('Name of the new passkey').fill(name)
  await visit.page.getByRole('button', { name: 'Add a passkey' }).click()
  await visit.page.getByRole('status').waitFor()
}

async function resetUrl(): Promise<string> {
  const { store } = scene.engine
  const tell = async () => undefined
  const operations = createUserOperations({ store, tell, grants: createGrantOperations({ store, tell }) })
  const made = await operations.reset('alice')
  scene.clock.now += 2_000 // a sign-in of the moment in which all were ended counts as ended
  return `${scene.origin}/account/reset?token=${made.ok ? made.token : ''}`
}

describe.runIf(hasChromium)('in Chromium', () => {
  test('made, used to sign in to a client with nothing typed, and removed', async () => {
    await withChromium({}, async (visit) => {
      const { page, context, complaints } = visit
      const { session, id } = await attach(visit)
      await addPasskey(visit)
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id })
      expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }])
      await context.clearCookies()
      await page.goto(scene.authorizeUrl())
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.waitForURL(/\/callback\?/)
      expect(scene.events.findLast(({ event }) => event === 'sign_in')).toMatchObject({
        ...{ subject: 'alice', detail: 'passkey' },
      })
      const [kept] = await scene.engine.store.passkeys.of('alice')
      expect(kept?.usedAt).toBeDefined()
      await page.goto(`${scene.origin}/account/passkeys`)
      await page.getByRole('button', { name: 'Remove This laptop' }).click()
      await page.getByText('You have no passkey.').waitFor()
      expect(complaints).toEqual([])
    })
  })

  test('the same one is not made twice, and the page says what to do', async () => {
    await withChromium({}, async (visit) => {
      await attach(visit)
      await addPasskey(visit)
      await visit.page.getByRole('button', { name: 'Add a passkey' }).click()
      await visit.page.getByRole('alert').waitFor()
      expect(await visit.page.getByRole('alert').textContent()).toContain('No passkey was made.')
      expect(await scene.engine.store.passkeys.of('alice')).toHaveLength(1)
    })
  })

  test('an authenticator that does not know who holds it makes none and signs nobody in', async () => {
    await withChromium({}, async (visit) => {
      const { session, id } = await attach(visit, false)
      await openPasskeys(visit)
      await visit.page.getByRole('button', { name: 'Add a passkey' }).click()
      await visit.page.getByRole('alert').waitFor()
      expect(await scene.engine.store.passkeys.of('alice')).toEqual([])
      const isUserVerified = { authenticatorId: id, isUserVerified: true }
      await session.send('WebAuthn.setUserVerified', isUserVerified)
      await visit.page.getByRole('button', { name: 'Add a passkey' }).click()
      await visit.page.getByRole('status').waitFor()
      await session.send('WebAuthn.setUserVerified', { ...isUserVerified, isUserVerified: false })
      await visit.context.clearCookies()
      await visit.page.goto(`${scene.origin}/account`)
      await visit.page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await visit.page.getByRole('alert').waitFor()
      expect(await visit.page.getByLabel('Password').count()).toBe(1)
    })
  })

  test('the keyboard alone signs in with one', async () => {
    await withChromium({}, async (visit) => {
      await attach(visit)
      await addPasskey(visit)
      await visit.context.clearCookies()
      await visit.page.goto(`${scene.origin}/account`)
      const button = visit.page.getByRole('button', { name: 'Sign in with a passkey' })
      for (let presses = 0; presses < 10; presses++) {
        await visit.page.keyboard.press('Tab')
        if (await button.evaluate((element) => element.matches(':focus'))) break
      }
      await visit.page.keyboard.press('Enter')
      await visit.page.getByRole('heading', { name: 'Your account' }).waitFor()
    })
  })

  test('with a link of the operator, in place of a password', async () => {
    await withChromium({}, async (visit) => {
      const hash = (await scene.users.passwordOf('alice')) ?? ''
      await attach(visit)
      await visit.page.goto(await resetUrl())
      await visit.page.getByRole('button', { name: 'Make a passkey' }).click()
      await visit.page.getByText('Sign in with what you chose just now.').waitFor()
      await visit.page.getByRole('link', { name: 'Your account' }).click()
      scene.clock.now += 2_000
      await visit.page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await visit.page.getByRole('heading', { name: 'Your account' }).waitFor()
      await scene.users.setPassword('alice', hash)
    })
  })

  test.each([
    ['without JavaScript', { javaScriptEnabled: false }, async () => undefined],
    [
      'in a browser that knows no passkeys',
      {},
      async ({ page }: Visit) => page.addInitScript('delete window.PublicKeyCredential'),
    ],
  ] as const)(
    '%s: the password is there, and no button that would do nothing',
    async (_name, options, prepare) => {
      await withChromium(options, async (visit) => {
        await prepare(visit)
        await visit.page.goto(`${scene.origin}/account`)
        expect(await visit.page.getByRole('button', { name: 'passkey' }).count()).toBe(0)
        await signIn(visit.page)
        await visit.page.getByRole('heading', { name: 'Your account' }).waitFor()
        await visit.page.goto(`${scene.origin}/account/passkeys`)
        await visit.page.getByText('A passkey needs JavaScript, and a browser that knows passkeys.').waitFor()
      })
    },
  )

  const PAGES: OpenedPages = [
    ['sign-in-with-passkey', ({ page }) => page.goto(scene.authorizeUrl())],
    ['passkeys-none', openPasskeys],
    [
      'passkeys',
      async (visit) => {
        await attach(visit)
        await addPasskey(visit)
      },
    ],
    [
      'passkeys-problem',
      async (visit) => {
        await attach(visit)
        await addPasskey(visit)
        await visit.page.getByRole('button', { name: 'Add a passkey' }).click()
        await visit.page.getByRole('alert').waitFor()
        // What was done before says nothing beside what failed now.
        expect(await visit.page.getByRole('status').count()).toBe(0)
      },
    ],
    ['reset', async ({ page }) => page.goto(await resetUrl())],
    ['reset-done', ({ page }) => page.goto(`${scene.origin}/account/reset-done`)],
  ]
  testLooks(PAGES, (name) => (name === 'reset-done' ? 0 : 1))
})
