// The way into the console in a real Chromium: a person comes back from an issuer of another site, and what a form of the
// console sends is taken for its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AdminPage } from '../../src/http/admin-page.ts'
import { hasChromium, withChromium } from '../as/support/chromium.ts'
import { type FakeProvider, startProvider } from '../as/support/provider.ts'
import { type AdminPort, startAdminPort } from '../support/admin-port.ts'
import { freePort } from '../support/free-port.ts'

/** As the pages of the console are: without a referrer, so that a form says `Origin: null`. */
const HTML = { 'content-type': 'text/html', 'referrer-policy': 'no-referrer' }
const ICON = '<link rel="icon" href="data:,">' // or the browser asks the port for one
const PAGES: readonly AdminPage[] = [
  {
    ...{ method: 'GET', path: '/console', right: 'view' },
    answer: (context, { operator, formToken }) =>
      context.body(
        `${ICON}<h1>Inside as ${operator.name}</h1><form method="post" action="/console/change"><input type="hidden" name="csrf" value="${formToken}"><button>Change</button></form>`,
        200,
        HTML,
      ),
  },
  {
    ...{ method: 'POST', path: '/console/change', right: 'operate' },
    answer(context, { record }) {
      record({ event: 'changed' })
      return context.body(`${ICON}<h1>Changed with Origin ${context.req.header('origin')}</h1>`, 200, HTML)
    },
  },
]

let issuer: FakeProvider
let port: AdminPort
/** `localhost` is another site than the issuer’s 127.0.0.1. */
let origin: string
beforeAll(async () => {
  issuer = await startProvider()
  const number = await freePort()
  origin = `http://localhost:${number}`
  const rule = '{ who: { subjects: [sub-1] }, may: [view, operate, approve] }'
  const people = `people: { issuer: corp, client_id: portcullis-at-fake, rules: [${rule}] }`
  port = await startAdminPort(`public_url: "${origin}", ${people}`, {
    ...{ pages: PAGES, listen: `127.0.0.1:${number}` },
    issuers: `{ corp: { issuer: "${issuer.url}", allow_insecure_issuer: true } }`,
  })
})
afterAll(async () => {
  await port.close()
  await issuer.close()
})

describe.skipIf(!hasChromium)('in Chromium', () => {
  test('a person signs in at another site, comes in, and changes something', async () => {
    await withChromium({}, async ({ page, context, complaints }) => {
      await page.goto(`${origin}/console`)
      await page.getByRole('link', { name: 'Sign in at corp' }).click()
      await page.getByRole('heading', { name: 'Inside as sub-1' }).waitFor()
      const cookies = await context.cookies(`${origin}/console`)
      expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/console' }])
      expect(await context.cookies(`${origin}/metrics`)).toEqual([])
      await page.getByRole('button', { name: 'Change' }).click()
      await page.getByRole('heading', { name: 'Changed with Origin null' }).waitFor()
      expect(port.events.map(({ event, actor }) => [event, actor])).toEqual([
        ['operator_sign_in', 'operator sub-1'],
        ['changed', 'operator sub-1'],
      ])
      expect(complaints).toEqual([])
    })
  })

  test('a link of another site does not carry the session; a form of it changes nothing', async () => {
    await withChromium({}, async ({ page }) => {
      await page.goto(port.link())
      await page.getByRole('button', { name: 'Open the console' }).click()
      await page.getByRole('heading', { name: 'Inside as terminal' }).waitFor()
      const changed = port.events.length
      await page.goto(`${issuer.url}/nothing`)
      await page.setContent(
        `<form method="post" action="${origin}/console/change"><button>Send</button></form><a href="${origin}/console">Open</a>`,
      )
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('unauthorized').waitFor()
      expect(port.events.length).toBe(changed)
      await page.goto(`${issuer.url}/nothing`)
      await page.setContent(`<a href="${origin}/console">Open</a>`)
      await page.getByRole('link', { name: 'Open' }).click()
      await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
      await page.goto(`${origin}/console`)
      await page.getByRole('heading', { name: 'Inside as terminal' }).waitFor()
    })
  })
})
