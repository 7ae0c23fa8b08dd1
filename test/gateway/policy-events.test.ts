// Policies in the audit: what was loaded, by what cause, with the digests before and after, and what became wider.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { DEFAULT_POLICY, gatewayYaml, startTestGateway } from '../support/gateway.ts'
import { startProcess } from '../support/process.ts'

const MORE = `${DEFAULT_POLICY}
        - { name: more, tools: [more], scopes: [a] }`
const DIGEST = /^[0-9a-f]{64}$/
type Line = Record<string, unknown>

function policyEvents(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ event }) => String(event).startsWith('policy_'))
}

test('with a chain the start says which policies were loaded; a reload says what it changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-policies-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startTestGateway({
    auditRequired: true,
    auditKeys: `chain: true, key: ${join(folder, 'audit.key')}`,
  })
  onTestFinished(() => gateway.close())
  await gateway.reload({ policy: MORE })
  await gateway.reload({ policy: MORE, route: '    title: Notes' }) // no policy
  await gateway.reload()
  const [start, wider, named, narrower, ...more] = policyEvents(gateway.audit())
  const loaded = { actor: 'configuration', event: 'policy_loaded', cause: 'start', generation: 1 }
  expect(start).toMatchObject({ ...loaded, after: expect.stringMatching(DIGEST) })
  expect(start).not.toHaveProperty('before')
  expect(wider).toMatchObject({
    ...{ event: 'policy_changed', cause: 'program', detail: '1 wider, 0 narrower' },
    ...{ before: start?.['after'], after: expect.stringMatching(DIGEST) },
  })
  expect(named).toMatchObject({ event: 'policy_widened', detail: 'a: tool more with a: refused → allowed' })
  expect(narrower).toMatchObject({
    event: 'policy_changed',
    before: wider?.['after'],
    after: start?.['after'],
  })
  expect(more).toEqual([])
})

test('a changed file and a signal are told apart', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`
  const [issuerUrl, upstreamUrl] = ['http://127.0.0.1:1', 'http://127.0.0.1:2/mcp']
  const yaml = (policy: string) =>
    gatewayYaml({ origin, issuerUrl, upstreamUrl, auditFile: 'audit.jsonl', auditRequired: true, policy })
  const process = await startProcess({ yaml: yaml(DEFAULT_POLICY) })
  onTestFinished(() => process.kill())
  process.rewrite(yaml(MORE))
  await process.said('"event":"reloaded","generation":2')
  process.rewrite(yaml(DEFAULT_POLICY))
  process.child.kill('SIGHUP')
  await process.said('"event":"reloaded","generation":3')
  const text = readFileSync(join(process.folder, 'audit.jsonl'), 'utf8')
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const changes = policyEvents(lines).filter(({ event }) => event === 'policy_changed')
  expect(changes.map(({ cause }) => cause)).toEqual(['file', 'signal'])
})
