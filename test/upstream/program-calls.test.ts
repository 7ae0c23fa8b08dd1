// How many calls of a caller a program may leave without an answer: those of clients that have left count too, since the
// program still has them.
import { afterEach, expect, test } from 'vitest'
import type { ProgramSettings } from '../../src/core/settings-program.ts'
import type { ProgramRequest } from '../../src/upstream/program/program-request.ts'
import { PLAIN, toolMessage } from '../support/program/client.ts'
import { createTestPrograms } from '../support/programs.ts'

const PROGRAM: ProgramSettings = {
  command: [process.execPath, PLAIN],
  ...{ transport: 'http', per: 'session', cwd: '/', idleMs: 60_000, max: 10 },
  ...{ startTimeoutMs: 20_000, timeoutMs: 20_000, runAs: undefined, inherited: {}, env: {} },
}

const programs = createTestPrograms()
const upstream = programs.upstreamOf('a', PROGRAM)
afterEach(async () => {
  upstream.close()
  await programs.close()
})

function callOf(name: string): ProgramRequest {
  return {
    ...{ caller: 'ada', era: 'modern', method: 'POST', target: '', isStream: false, bufferJsonUpTo: 0 },
    headers: {
      ...{ sessionId: undefined, lastEventId: undefined },
      principal: { issuer: 'i', subject: 'ada', key: 'i ada', clientId: 'c', claims: {} },
    },
    body: Buffer.from(JSON.stringify(toolMessage(name))),
    onWritten: undefined,
  }
}

test('4,096 calls wait; the next is refused until one of them is over', async () => {
  expect(await upstream.send(callOf('pid')).reply).toMatchObject({ ok: true })
  const hung = Array.from({ length: 4_096 }, () => upstream.send(callOf('hang')))
  const over = await upstream.send(callOf('pid')).reply
  expect(over).toMatchObject({ ok: false, refusal: { reason: 'rate_limited', limit: 'calls_at_program' } })
  hung[0]?.abort()
  expect(await upstream.send(callOf('pid')).reply).toMatchObject({ ok: true })
})
