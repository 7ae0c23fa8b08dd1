// One console for several workers: the primary shows the calls of all of them, and their counts together.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestWorkers, type TestWorkers } from '../support/workers.ts'
import { openEvents } from './events.ts'
import { ADMIN, consoleAt, shownBy } from './operators.ts'

let workers: TestWorkers
let admin: string
beforeAll(async () => {
  const port = await freePort()
  admin = `http://127.0.0.1:${port}`
  workers = await startTestWorkers({ workers: 2, admin: ADMIN.replace('127.0.0.1:0', `127.0.0.1:${port}`) })
}, 60_000)
afterAll(() => workers.close())

const pageOf = async (path: string) => (await consoleAt(admin).page(path, 'viewer')).text

test('calls of all workers on one page, in one stream, and in one chart', async () => {
  const events = await openEvents(`${admin}/console/calls/events`, shownBy('viewer'))
  expect((await events.next()).tally).toBe('0 that fit, of 0 that are kept.')
  for (const sub of ['one', 'two', 'three', 'four'])
    await workers.answer(undefined, { authorization: `Bearer ${workers.token({ sub })}` })
  let rows = ''
  const isTold = (sub: string) => rows.includes(`<bdi>${sub}</bdi>`)
  while (!['one', 'two', 'three', 'four'].every(isTold)) rows += (await events.next()).rows
  events.close()
  expect(await pageOf('/calls')).toContain('4 that fit, of 4 that are kept.')
  const page = await pageOf('')
  expect(page).toContain('Calls in the last hour:</strong> 4, of which 0 were refused')
  expect(page).toContain('with all its workers: 1 is serving (0 deaths), 2 is serving (0 deaths).')
})

test('what waits for approval, from the primary that decides on it', async () => {
  expect(await pageOf('/approvals')).toContain('Nothing waits for approval.')
})

test('who has not the right sees nothing there either', async () => {
  expect((await consoleAt(admin).page('/calls', 'approver')).status).toBe(403)
  expect((await fetch(`${admin}/console/calls`)).status).toBe(401)
})
