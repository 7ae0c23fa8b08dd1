// A person who was refused yesterday is explained in one command, in words: over a real gateway, whose audit was rotated
// and compressed since, and whose policy has changed since. `portcullis explain --request-id` sees files alone.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../src/cli/cli.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

const THEN = `
      rules:
        - { name: reading, tools: ["list_*"] }
        - { name: writing, tools: ["*_note"], scopes: [notes:write] }
        - { name: no-purge, effect: deny, tools: [purge_note] }
        - { name: small, effect: deny, tools: [add_note], when: "has(args.size) && args.size > 10" }
        - { name: staff, tools: [pay], when: 'principal.claims.dept == "staff"' }`
const NOW = `
      rules:
        - { name: reading, tools: ["list_*"] }
        - { name: writing, tools: ["*_note"], scopes: [notes:edit] }
        - { name: small, effect: deny, tools: [add_note], when: "has(args.size) && args.size > 20" }
        - { name: staff, tools: [pay], when: 'principal.claims.dept == "staff"' }`

const folder = mkdtempSync(join(tmpdir(), 'portcullis-explained-'))
const at = (name: string) => join(folder, name)
let gateway: TestGateway
const ids = new Map<string, string>()

async function call(what: string, body: object, token: string, status: number): Promise<void> {
  const response = await gateway.post(body, { authorization: `Bearer ${token}` })
  await response.text()
  expect([what, response.status]).toEqual([what, status])
  ids.set(what, response.headers.get('x-request-id') ?? '')
}

function callWith(name: string, args: object): object {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
}

beforeAll(async () => {
  gateway = await startTestGateway({
    ...{
      auditRequired: true,
      auditFile: at('audit.jsonl'),
      auditKeys: `policies: ${at('policies')}`,
      policy: THEN,
    },
  })
  const token = (scope: string, more = {}) => gateway.token(scope, { sub: 'ada', client_id: 'desk', ...more })
  await call('scope', toolCall('edit_note'), token('a notes:read'), 403)
  await call('audience', toolCall('list_notes'), token('a', { aud: 'https://other.example/mcp' }), 401)
  await call('deny', toolCall('purge_note'), token('a notes:write'), 403)
  await call('argument', callWith('add_note', { size: 11 }), token('a notes:write'), 403)
  await call('claim', toolCall('pay'), token('a', { dept: 'guests' }), 403)
  await call('allowed', toolCall('list_notes'), token('a'), 200)

  renameSync(at('audit.jsonl'), at('audit.jsonl.1'))
  await gateway.running.reopenAudit()
  writeFileSync(at('audit.jsonl.1.gz'), gzipSync(readFileSync(at('audit.jsonl.1'))))
  rmSync(at('audit.jsonl.1'))
  const changed = { policy: NOW, route: '    audience: [https://other.example/mcp]' }
  await gateway.reload(changed)
  await call('later', toolCall('add_note'), token('a notes:edit', { aud: 'https://other.example/mcp' }), 200)
  writeFileSync(at('gateway.yaml'), gateway.yaml(changed))
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

async function explain(what: string, ...more: readonly string[]) {
  const io = recordingIo({ cwd: folder })
  const code = await cli(['explain', '--request-id', ids.get(what) ?? '', ...more], io)
  expect(io.err()).toBe('')
  const [line = '', ...rest] = io.out().trimEnd().split('\n')
  const [then, now] = rest.join('\n').split(/^(?:by the policy of )?now$/m)
  return { code, line, past: then ?? '', present: now ?? '' }
}

describe('a person who was refused yesterday is explained in one command', () => {
  test('a scope that was missing', async () => {
    const { code, line, past, present } = await explain('scope')
    expect(code).toBe(0)
    expect(line).toMatch(
      /^\d{4}-\d\d-\d\d [\d:]{8}Z ada · desk · a · edit_note · refused: needs notes:write \(granted: a notes:read\) · [0-9a-f-]{36}$/,
    )
    expect(past).toMatch(
      /refused: `writing` needs `notes:write`; the challenge asks for `a` and `notes:write`/,
    )
    expect(present).toMatch(/refused: `writing` needs `notes:edit`/)
  })

  test('another audience: which was there, which was wanted, and whether it would fit now', async () => {
    const { code, line, past, present } = await explain('audience')
    expect(code).toBe(0)
    expect(line).toContain(
      `ada · desk · a · POST · refused: the token does not count: it is for another server (it is for https://other.example/mcp; this route wants ${gateway.resource})`,
    )
    expect(past).toMatch(/no rule was asked: it was refused before/)
    expect(past).toContain(
      `the token was for https://other.example/mcp; the route wanted ${gateway.resource}`,
    )
    expect(present).toContain('the route wants https://other.example/mcp: such a token would fit')
  })

  test('a deny rule, which is gone now', async () => {
    const { code, line, past, present } = await explain('deny')
    expect(code).toBe(0)
    expect(line).toMatch(/ada · desk · a · purge_note · refused: rule no-purge denies it/)
    expect(past).toMatch(/refused: call_forbidden, by `no-purge`/)
    expect(past).toMatch(/tool `purge_note`: rule `no-purge` denies it/)
    expect(present).toMatch(/refused: `writing` needs `notes:edit`/)
    expect(present).not.toContain('no-purge')
  })
})

describe('what a rule looked at that no line has', () => {
  test('arguments: what the rule said then, and that it cannot be asked again', async () => {
    const { past, present } = await explain('argument')
    expect(past).toMatch(/refused: call_forbidden, by `small`/)
    expect(past).toMatch(
      /rule `small` looks at arguments or claims of `add_note`, .*: it said true then, and cannot be asked again/,
    )
    expect(present).toMatch(/not certain: it depends on `small`/)
    expect(present).toMatch(/rule `small` .*: it is not as it was then, so what it would say is not known/)
  })

  test('claims: a rule that is unchanged says the same', async () => {
    const { past, present } = await explain('claim')
    expect(past).toMatch(/rule `staff` .* it said false then, and cannot be asked again/)
    expect(present).toMatch(/refused: call_forbidden, by `staff`/)
    expect(present).toMatch(/rule `staff` .*: it is unchanged, and said false then/)
  })

  test('nothing of them is in the audit or in the kept policies', () => {
    const kept = readdirSync(at('policies')).map((name) => readFileSync(at(join('policies', name)), 'utf8'))
    expect(kept).toHaveLength(2)
    expect(kept.join('') + readFileSync(at('audit.jsonl'), 'utf8')).not.toMatch(/guests|"size"/)
  })
})

test('an allowed request is explained too, and the policy that is the same is told once', async () => {
  expect((await explain('allowed')).past).toMatch(/allowed by `reading`/)
  const { past, present } = await explain('later')
  expect(past).toMatch(/allowed by `writing`/)
  expect(present.trim()).toBe('it is the same policy')
})

test('for a program', async () => {
  const io = recordingIo({ cwd: folder })
  expect(await cli(['explain', '--request-id', ids.get('deny') ?? '', '--json'], io)).toBe(0)
  expect(JSON.parse(io.out())).toMatchObject([
    {
      line: { record: { subject: 'ada', rule: 'no-purge' } },
      byThen: [{ decision: 'call_forbidden', explanation: { rule: 'no-purge' } }],
      byNow: [{ decision: 'scope_missing' }],
    },
  ])
})

describe('what is not there', () => {
  test('an id that no line has', async () => {
    const io = recordingIo({ cwd: folder })
    expect(await cli(['explain', '--request-id', 'none'], io)).toBe(1)
    expect(io.err()).toMatch(/no request has this id in 2 audit files/)
  })

  test('a policy that was deleted, and one that was changed, are said, and the line is told all the same', async () => {
    const digest = /"policy":"([0-9a-f]{64})"/.exec(readFileSync(at('audit.jsonl'), 'utf8'))?.[1]
    const names = readdirSync(at('policies')).filter((name) => name !== `${digest}.json`)
    const file = at(join('policies', names[0] ?? ''))
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('no-purge', 'no-surge'))
    expect((await explain('deny')).past).toMatch(/was changed on the disk, and is not believed/)
    rmSync(file)
    const { line, past } = await explain('deny')
    expect(line).toContain('rule no-purge denies it')
    expect(past).toMatch(/is not kept any more, or never was/)
    writeFileSync(file, text)
    expect(existsSync(file)).toBe(true)
  })
})

test('with `required`, a policy that cannot be kept ends the start', async () => {
  writeFileSync(at('blocked'), '')
  await expect(
    startTestGateway({ auditRequired: true, auditKeys: `policies: ${at('blocked')}` }),
  ).rejects.toThrow(/^audit\.policies: .*blocked cannot be written/)
})
