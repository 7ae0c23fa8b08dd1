// What the public port says of a call that waits: one word of how it stands, to whoever has its address. Nothing of the
// call, nobody's name, and nothing to decide with; the same for an id that is over and for one that never was.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOOKS } from '../../src/gateway/approval-state.ts'
import { type OpenedPages, testLooks } from '../as/support/axe.ts'
import { hasChromium, type Visit } from '../as/support/chromium.ts'
import { type Approving, startApproving } from '../support/approving.ts'
import { startTestGateway } from '../support/gateway.ts'

let scene: Approving
beforeEach(async () => {
  scene = await startApproving()
})
afterEach(() => scene.close())

const pageOf = (id: string) => `${scene.gateway.origin}/approvals/${id}`
async function look(id: string, init: RequestInit = {}) {
  const response = await fetch(pageOf(id), { redirect: 'manual', ...init })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
/** Without the id of the request. */
const headersOf = ({ headers }: { readonly headers: Headers }) =>
  [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))

describe('how a call stands', () => {
  test('waiting, approved, and over once it is made', async () => {
    const id = await scene.ask()
    const waiting = await look(id)
    expect(waiting.status).toBe(200)
    expect(waiting.text).toContain('<h1>This call waits for approval</h1>')
    expect(waiting.text).toMatch(/It waits until .+ UTC\./)
    await scene.approve(id)
    expect((await look(id)).text).toContain('Make it again now, once, until')
    await scene.call()
    expect(scene.reached()).toBe(1)
    expect(await look(id)).toMatchObject({ status: 404, text: expect.stringContaining('No such call waits') })
  })

  test('denied', async () => {
    const id = await scene.ask()
    await scene.decideBy({ subject: 'ada' }, id, 'deny')
    expect((await look(id)).text).toContain('This call was denied')
  })

  test('void, since its rules have changed', async () => {
    const id = await scene.ask()
    await scene.gateway.reload(scene.options({ approvers: 'subjects: [ada], tokens: [night]' }))
    expect((await look(id)).status).toBe(404)
  })

  test('in the language that its reader asked for', async () => {
    const id = await scene.ask()
    const { text } = await look(id, { headers: { 'accept-language': 'de' } })
    expect(text).toContain('Dieser Aufruf wartet auf Freigabe')
  })
})

describe('what it does not say', () => {
  test('anything of the call, or of who decided', async () => {
    const id = await scene.ask()
    const waiting = await look(id)
    await scene.approve(id)
    for (const { text } of [waiting, await look(id)])
      expect(text).not.toMatch(
        /\bpay\b|\bsum\b|bob|client-1|night|operator|sha256:[0-9a-f]{64}|<form|<script/,
      )
  })

  test('whether an id was ever one: what is over and what never was are the same', async () => {
    const id = await scene.ask()
    await scene.approve(id)
    await scene.call()
    const over = await look(id)
    const other = id.startsWith('0') ? `1${id.slice(1)}` : `0${id.slice(1)}`
    for (const never of [other, `${id.slice(0, -1)}x`, 'x', '', `${id}/x`, 'decisions']) {
      const answer = await look(never)
      expect([answer.status, answer.text, headersOf(answer)]).toEqual([404, over.text, headersOf(over)])
    }
  })

  test('anything to caches, frames and scripts', async () => {
    const { headers } = await look(await scene.ask())
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; img-src data:; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    )
  })
})

test('its id has chance that nobody guesses, and is another for the next call of the same kind', async () => {
  const first = await scene.ask()
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  await scene.approve(first)
  await scene.call()
  const second = await scene.ask()
  expect(second).not.toBe(first)
  expect((await look(first)).status).toBe(404)
})

test('it decides nothing, and is read with GET and HEAD alone', async () => {
  const id = await scene.ask()
  const body = JSON.stringify({ decision: 'approve', digest: await scene.digestOf(id) })
  const headers = { authorization: 'Bearer night-token', 'content-type': 'application/json' }
  expect((await look(id, { method: 'POST', body, headers })).status).toBe(405)
  expect(await look(id, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  expect((await look(id)).text).toContain('This call waits for approval')
})

test('it is looked at 120 times a minute from one network', async () => {
  const id = await scene.ask()
  const statuses = new Map<number, number>()
  for (let times = 0; times < LOOKS.count + 2; times += 1) {
    const { status } = await look(times % 2 === 0 ? id : 'x')
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses]).toEqual([
    [200, 60],
    [404, 60],
    [429, 2],
  ])
  await scene.gateway.reload(scene.options({}))
  const { status, headers } = await look(id)
  expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true])
})

test('the caller is told its address, and so is a service', async () => {
  const id = await scene.ask()
  expect((await scene.call()).text).toContain(`${pageOf(id)} shows whether they did`)
  await expect.poll(() => scene.notices()[0]?.body).toMatchObject({ data: { id, page: pageOf(id) } })
})

test('there is none where no rule asks for approval', async () => {
  const other = await startTestGateway()
  const answer = await fetch(`${other.origin}/approvals/x`)
  expect(answer.headers.get('content-type')).toBe('application/json')
  await other.close()
})

describe.runIf(hasChromium)('in Chromium', () => {
  const shown = async ({ page }: Visit, id: string, heading: string) => {
    await page.goto(pageOf(id))
    await page.getByRole('heading', { name: heading }).waitFor()
  }
  const PAGES: OpenedPages = [
    ['approval-waiting', async (visit) => shown(visit, await scene.ask(), 'This call waits for approval')],
    [
      'approval-approved',
      async (visit) => {
        const id = await scene.ask()
        await scene.approve(id)
        await shown(visit, id, 'This call was approved')
      },
    ],
    ['approval-over', (visit) => shown(visit, 'x', 'No such call waits')],
  ]
  testLooks(PAGES)
})
