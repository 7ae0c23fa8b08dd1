// Where a notice of an approval never goes, whatever a name turns into. test/gateway/approvals-decided.test.ts sends some.
import dns from 'node:dns'
import { afterEach, expect, test, vi } from 'vitest'
import type { Approval } from '../../src/approvals/approval.ts'
import { Secret } from '../../src/core/secret.ts'
import { createApprovalNotices } from '../../src/gateway/approval-notices.ts'
import { WEBHOOK_SECRET } from '../support/approving.ts'

afterEach(() => vi.restoreAllMocks())

const call = {
  ...{ route: 'a', issuer: 'https://as.example', subject: 'bob', client: 'c', tool: 'pay', params: '{}' },
  ...{ policy: 'p', manifest: '', rules: ['pay'] },
}

test('H49 a name that leads to a link-local address is told nothing', async () => {
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, done: Answered) =>
    done(null, [{ address: '169.254.169.254', family: 4 }])) as never)
  const told: unknown[] = []
  const url = 'https://hook.example/'
  const notices = createApprovalNotices({
    settings: () => ({ url, secret: new Secret(WEBHOOK_SECRET), ca: undefined }),
    publicUrl: () => 'https://mcp.example.com',
    log: { warn: (fields: object) => void told.push(fields) },
  })
  const askedAt = Date.now()
  const until = askedAt + 500 // no time for a second try
  const approval: Approval = { id: '0f', state: 'waiting', digest: 'sha256:0', call, askedAt, until }
  notices.tell(approval)
  await expect.poll(() => told).toEqual([{ event: 'approval_notice', approval: '0f', why: 'EFORBIDDEN' }])
  await notices.close()
})

type Answered = (error: null, addresses: readonly object[]) => void
