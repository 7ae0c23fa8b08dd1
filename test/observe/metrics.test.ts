// The metrics text: which samples an exchange adds, and that labels are of closed lists.
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Facts } from '../../src/observe/facts.ts'
import { createMetrics } from '../../src/observe/metrics.ts'

function facts(over: Partial<Facts> = {}): Facts {
  return {
    id: 'id',
    generation: 1,
    route: 'notes',
    httpMethod: 'POST',
    address: '192.0.2.1',
    clientRequestId: undefined,
    startedMs: performance.now(),
    principal: undefined,
    calls: [],
    rule: '',
    faulty: undefined,
    would: undefined,
    resent: false,
    refusal: undefined,
    status: 200,
    rpc: 'none',
    ending: 'complete',
    ...over,
  }
}

function call(method: string): Call {
  return {
    kind: 'request',
    id: '1',
    method,
    targets: [{ kind: 'tool', name: 'secret-tool' }],
    taskId: undefined,
    mayCreateTask: false,
    args: () => undefined,
  }
}

async function check(...recorded: readonly Facts[]): Promise<string[]> {
  const metrics = createMetrics({
    isKnownMethod: (method) => ['POST', 'GET', 'tools/call'].includes(method),
    audit: { failures: 3, dropped: { share: 2, full: 1 } },
  })
  for (const each of recorded) metrics.record(each)
  metrics.stream('notes', 1)
  metrics.stream('notes', 1)
  metrics.stream('notes', -1)
  metrics.reload('refused')
  expect(metrics.contentType).toContain('text/plain')
  return (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('portcullis_') || line.startsWith('# TYPE '))
}

const decision = (method: string, verdict: string, reason: string) =>
  `portcullis_decisions_total{route="notes",method="${method}",decision="${verdict}",reason="${reason}"}`

const rows: readonly (readonly [string, Facts, string])[] = [
  ['an allowed call', facts({ calls: [call('tools/call')] }), decision('tools/call', 'allowed', '')],
  [
    'a refusal with its reason',
    facts({
      calls: [call('tools/call')],
      refusal: { reason: 'call_forbidden', rule: 'secret', denial: 'http' },
    }),
    decision('tools/call', 'refused', 'call_forbidden'),
  ],
  ['a batch', facts({ calls: [call('ping'), call('x')] }), decision('batch', 'allowed', '')],
  ['before the body was read', facts({ httpMethod: 'GET' }), decision('GET', 'allowed', '')],
  ['K07 a strange method', facts({ calls: [call('x'.repeat(500))] }), decision('other', 'allowed', '')],
  ['K07 a strange HTTP method', facts({ httpMethod: 'BREW' }), decision('other', 'allowed', '')],
  [
    'K07 a method called like a class of ours',
    facts({ calls: [call('batch')] }),
    decision('other', 'allowed', ''),
  ],
  [
    'a response by class, outcome and ending',
    facts({ status: 404, rpc: 'error', ending: 'client_closed' }),
    'portcullis_responses_total{route="notes",status="4xx",rpc="error",ending="client_closed"}',
  ],
]

test.each(rows)('%s', async (_, recorded, sample) => {
  expect(await check(recorded, recorded)).toContain(`${sample} 2`)
})

test('STR-08 streams, reloads and lost audit lines', async () => {
  const lines = await check()
  expect(lines).toContain('portcullis_open_streams{route="notes"} 1')
  expect(lines).toContain('portcullis_config_reloads_total{result="refused"} 1')
  expect(lines).toContain('portcullis_audit_failures 3')
})

test('durations are counted in seconds', async () => {
  const lines = await check(facts({ startedMs: performance.now() - 2_000 }))
  expect(lines).toContain('portcullis_request_duration_seconds_bucket{le="0.5",route="notes"} 0')
  expect(lines).toContain('portcullis_request_duration_seconds_bucket{le="60",route="notes"} 1')
})

test('the histogram of durations ends with all of them, their sum and their count', async () => {
  const lines = await check(facts({ startedMs: performance.now() - 200_000 }), facts())
  const sum = lines.find((line) => line.startsWith('portcullis_request_duration_seconds_sum{route="notes"} '))
  expect(lines).toContain('# TYPE portcullis_request_duration_seconds histogram')
  expect(lines).toContain('portcullis_request_duration_seconds_bucket{le="+Inf",route="notes"} 2')
  expect(lines).toContain('portcullis_request_duration_seconds_count{route="notes"} 2')
  expect(Number(sum?.split(' ')[1])).toBeGreaterThanOrEqual(200)
})

test('K07 nothing that a client sends is in the text', async () => {
  const text = (await check(facts({ calls: [call('secret-method')], address: '203.0.113.9' }))).join('\n')
  expect(text).not.toMatch(/secret|203\.0/)
})
