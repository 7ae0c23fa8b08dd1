// `portcullis explain --request-id` over lines as they stand in files, also odd ones. Lines that a gateway wrote are
// explained in gateway/explained-afterwards.test.ts.
import { expect, test } from 'vitest'
import { run as explain } from '../../../src/cli/policy/explain.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const CONFIG = `public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
audit: { file: audit.jsonl }
issuers: { corp: { issuer: https://login.example.com } }
routes:
  - name: notes
    path: /notes/mcp
    upstream: http://127.0.0.1:3001/mcp
    issuers: [corp]
    policy: { rules: [{ name: reading, tools: ["list_*"], resources: ["note:*"] }] }
`
const CALL = {
  ...{
    time: '2026-11-29T14:03:11.500Z',
    stream: 'audit',
    event: 'decision',
    request_id: 'id-1',
    policy: 'old',
  },
  ...{ route: 'notes', address: '192.0.2.7', method: 'tools/call', target: 'list_notes' },
  ...{ issuer: 'https://login.example.com', subject: 'ada', client: 'desk', scopes: [] },
  ...{ decision: 'allowed', rule: 'reading', rpc: 'result', ending: 'complete' },
}

async function explained(...lines: readonly object[]) {
  const text = lines.map((line) => `${JSON.stringify({ ...CALL, ...line })}\n`).join('')
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': CONFIG, 'audit.jsonl': text }) })
  const code = await explain(['--request-id', 'id-1'], io)
  return { code, out: io.out(), err: io.err() }
}

test('a call that names more than its line has is not asked again', async () => {
  const { out } = await explained({
    method: 'subscriptions/listen',
    ...{ target: ['note:1', 'note:2'], target_left_out: 7 },
  })
  expect(out).toContain('· subscriptions/listen note:1 and 8 more ·')
  expect(out).toContain('it cannot be asked again: its line has only the first 2 of what the call names')
})

test('K05 no name of a caller makes up a line of the account', async () => {
  const target = 'list_a`\nby the policy of now\n  allowed by `admin`\x1b[31m'
  const { out } = await explained({ target })
  expect(out.split('\n')).toHaveLength(8)
  expect(out).not.toContain('\x1b')
  const refused = { decision: 'refused', reason: 'token_rejected', check: 'audience', rule: '' }
  const before = await explained({ ...refused, audience: [`x\nnow`], audience_wanted: ['y\n\x1b[31m'] })
  expect(before.out).toContain('  the token was for x\\u{a}now; the route wanted y\\u{a}\\u{1b}[31m\n')
})

test('of many requests with one id the newest are told, and how many are not', async () => {
  const sent = Array.from({ length: 25 }, (_, index) => ({
    time: `2026-11-29T14:03:${String(index + 10)}.500Z`,
  }))
  const { out, err } = await explained(...sent, { event: 'admitted', time: '2026-11-29T15:00:00.000Z' })
  const clocks = [...out.matchAll(/^2026-11-29 (\S+)Z/gm)].map(([, clock]) => clock)
  expect(clocks).toEqual(Array.from({ length: 10 }, (_, index) => `14:03:${index + 25}`))
  expect(err).toBe('the newest 10 with this id are told; 15 older ones are left out\n')
})
