// `portcullis explain --request-id` over lines as they stand in files, also odd ones. Lines that a gateway wrote are
// explained in gateway/explained-afterwards.test.ts.
import { describe, expect, test } from 'vitest'
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
  return await explainedBy(CONFIG, ...lines)
}

async function explainedBy(config: string, ...lines: readonly object[]) {
  const text = lines.map((line) => `${JSON.stringify({ ...CALL, ...line })}\n`).join('')
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': config, 'audit.jsonl': text }) })
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
  expect(before.out).toContain('  the token was for x\\u000anow; the route wanted y\\u000a\\u001b[31m\n')
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

describe('a call that a rule asks approval for', () => {
  const APPROVE =
    '{ name: big, effect: approve, tools: [pay], when: "args.sum > 10", approvers: { subjects: [olga] } }'
  const withRules = (...rules: readonly string[]) =>
    CONFIG.replace('[{ name: reading', `[${rules.join(', ')}, { name: reading`)
  const PAID = { target: 'pay', rule: 'big', approval: 'a1' }

  test('waits by the policy of now, whose rule says what it says without the call', async () => {
    const config = withRules(APPROVE.replace(' when: "args.sum > 10",', ''))
    const { out } = await explainedBy(config, PAID)
    expect(out).toContain('  it was allowed by approval a1, which is used up\n')
    expect(out).toContain('  waits for approval, by `big`: it is allowed once somebody else has approved')
    const denied = await explainedBy(config, { ...PAID, decision: 'refused', reason: 'approval_denied' })
    expect(denied.out).toContain('  an approver had said no to this very call (approval a1)\n')
    const held = await explainedBy(config, { ...PAID, decision: 'refused', reason: 'approval_required' })
    expect(held.out).not.toContain('failed afterwards')
  })

  test('may be allowed, may wait and may be refused where nothing is known of its arguments', async () => {
    const small = '{ name: small, tools: [pay], when: "args.sum < 5" }'
    const deny = '{ name: huge, effect: deny, tools: [pay], when: "args.sum > 99" }'
    const told = async (...rules: readonly string[]) => (await explainedBy(withRules(...rules), PAID)).out
    const plain = '{ name: paying, tools: [pay] }'
    expect(await told(APPROVE)).toContain('it depends on `big`: refused, or waits for approval\n')
    expect(await told(APPROVE, plain)).toContain('it depends on `big`: allowed, or waits for approval\n')
    expect(await told(APPROVE, small)).toContain(
      'it depends on `big` and `small`: allowed, or waits for approval, or refused\n',
    )
    expect(await told(APPROVE, plain, deny)).toContain(
      'it depends on `big` and `huge`: allowed, or waits for approval, or refused\n',
    )
  })
})

test('an answer of a client is no call of a method of that name', async () => {
  const { out } = await explained({ method: 'response', target: undefined, rule: 'baseline' })
  expect(out).toContain('it cannot be asked again: it is an answer, and needs only the scopes of the route')
})
