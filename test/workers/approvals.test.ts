// Approvals of a gateway of two processes: a call waits at one worker, is decided at the administration port of their primary,
// and is made at the other worker, once. With a chained audit each worker has a file, which says who did what.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { callOf } from '../support/messages.ts'
import { startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 60_000 }) // it starts three processes

const TOKEN = 'a long random word of night'
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }

let workers: TestWorkers
afterEach(() => workers.close())

/** The text of the answer to a call of `safe`. */
async function call(): Promise<string> {
  const answer = await workers.answer(callOf('legacy'))
  await answer.ended
  return answer.text()
}
const ask = async () => /waits as approval ([0-9a-f]+) /.exec(await call())?.[1] ?? 'none'

async function approve(id: string): Promise<number> {
  const at = `${workers.admin}/approvals/${id}`
  const { digest } = (await (await fetch(at, { headers })).json()) as { readonly digest?: string }
  const body = JSON.stringify({ decision: 'approve', digest })
  return (await fetch(at, { method: 'POST', headers, body })).status
}

/** The workers that recorded such an event, by the numbers of their files. */
function recordedBy(event: string): readonly number[] {
  return [1, 2].flatMap((worker) =>
    readFileSync(join(workers.process.folder, `audit-${worker}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"event":"${event}"`))
      .map(() => worker),
  )
}

test('asked at one worker, decided at their primary, used at the other, once', async () => {
  workers = await startTestWorkers({
    auditRequired: true,
    auditKeys: 'chain: true',
    adminKeys: `tokens: [{ name: night, hash: "sha256:${hash('sha256', TOKEN)}", may: [view, approve] }]`,
    policy: `
      rules: [{ name: pay, effect: approve, tools: [safe], approvers: { tokens: [night] } }]`,
  })
  const reached = () => workers.upstream.received.length
  const id = await ask()
  expect(reached()).toBe(0)
  expect(await approve(id)).toBe(200)
  expect(await approve(id)).toBe(409)
  expect(await call()).not.toContain('waits as approval')
  const [asked] = recordedBy('approval_requested')
  expect(recordedBy('approval_used')).toEqual([asked === 1 ? 2 : 1])

  const next = await ask()
  expect(next).not.toBe(id)
  expect(await approve(next)).toBe(200)
  await Promise.all(Array.from({ length: 8 }, call))
  expect([reached(), recordedBy('approval_used').length]).toEqual([2, 2])
})
