// The metrics text: which samples an exchange adds, and that labels are of closed lists.
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { growthOf, LINEAR } from '../support/growth.ts'
import { requestRecord } from '../support/request-record.ts'

const facts = (over: Partial<RequestRecord> = {}) => requestRecord({ rpc: 'none', ...over })

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

async function check(...recorded: readonly RequestRecord[]): Promise<string[]> {
  const metrics = createMetrics({
    isKnownMethod: (method) => ['POST', 'GET', 'tools/call'].includes(method),
    audit: { failures: 3, dropped: { share: 2, full: 1 } },
    isCurrent: () => false,
  })
  metrics.nameTools([{ route: 'notes', tools: ['read_note'] }])
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

const rows: readonly (readonly [string, RequestRecord, string])[] = [
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
  expect(lines).toContain('portcullis_config_current 0')
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

const tool = (name: string) => ({ ...call('tools/call'), targets: [{ kind: 'tool' as const, name }] })

test('K07 calls of tools stand by the names of the configuration and how they ended, all others as one', async () => {
  const refusal = { reason: 'call_forbidden', rule: 'no', denial: 'http' } as const
  const lines = await check(
    facts({ calls: [tool('read_note')], rpc: 'result', startedMs: performance.now() - 2_000 }),
    facts({ calls: [tool('read_note')], rpc: 'result' }),
    facts({ calls: [tool('read_note'), tool('made-up')], rpc: 'tool_error' }),
    facts({ calls: [tool('made-up-too')], refusal, rpc: 'error' }),
    facts({ calls: [tool('read_note')], route: 'unknown' }),
    facts({ calls: [{ ...tool('read_note'), method: 'tasks/get' }] }),
  )
  expect(lines.filter((line) => line.startsWith('portcullis_tool_calls_total{'))).toEqual([
    'portcullis_tool_calls_total{route="notes",tool="read_note",outcome="result"} 2',
    'portcullis_tool_calls_total{route="notes",tool="read_note",outcome="tool_error"} 1',
    'portcullis_tool_calls_total{route="notes",tool="other",outcome="refused"} 1',
    'portcullis_tool_calls_total{route="notes",tool="other",outcome="tool_error"} 1',
  ])
  const took = 'portcullis_tool_duration_seconds'
  expect(lines).toContain(`${took}_bucket{le="0.5",route="notes",tool="read_note"} 2`)
  expect(lines).toContain(`${took}_count{route="notes",tool="read_note"} 3`)
  expect(lines).toContain(`${took}_count{route="notes",tool="other"} 2`)
  expect(lines.join()).not.toContain('made-up')
})

test('what other names a reload brings is counted from then on, and what stays goes on', async () => {
  const audit = { failures: 0, dropped: { share: 0, full: 0 } }
  const metrics = createMetrics({ isKnownMethod: () => true, isCurrent: () => true, audit })
  const count = async (tools: readonly string[]) => {
    metrics.nameTools([{ route: 'notes', tools }])
    metrics.record(facts({ calls: [tool('a'), tool('b')], rpc: 'result' }))
    const samples = /^portcullis_tool_calls_total\{.*tool="(\w+)".*\} (\d+)$/gm
    return [...(await metrics.text()).matchAll(samples)].map(([, ...told]) => told.join(' '))
  }
  expect(await count(['a'])).toEqual(['a 1', 'other 1'])
  expect(await count(['a', 'b'])).toEqual(['a 2', 'b 1', 'other 1'])
  expect(await count(['b'])).toEqual(['b 2', 'other 2'])
})

test('streams that listen do not stand among the durations of calls', async () => {
  const lines = await check(facts({ isStream: true, startedMs: performance.now() - 700_000 }), facts())
  expect(lines).toContain('portcullis_request_duration_seconds_count{route="notes"} 1')
  expect(lines).toContain('portcullis_stream_duration_seconds_count{route="notes"} 1')
  expect(lines).toContain('portcullis_stream_duration_seconds_bucket{le="600",route="notes"} 0')
  expect(lines).toContain('portcullis_stream_duration_seconds_bucket{le="3600",route="notes"} 1')
})

test('K07 nothing that a client sends is in the text', async () => {
  const text = (await check(facts({ calls: [call('secret-method')], address: '203.0.113.9' }))).join('\n')
  expect(text).not.toMatch(/secret|203\.0/)
})

test('D35 a request costs no look at the requests of other routes', () => {
  const growth = growthOf((count) => {
    const metrics = createMetrics({
      isKnownMethod: () => true,
      isCurrent: () => true,
      audit: { failures: 0, dropped: { share: 0, full: 0 } },
    })
    const records = Array.from({ length: count }, (_, n) => facts({ route: `r${n}` }))
    return () => {
      for (const record of records) metrics.record(record)
    }
  }, 16_384)
  expect(growth).toBeLessThan(LINEAR)
})
