// A whole gateway whose audit is a chain: what its file holds, that moving the file keeps the chain, and what metrics say.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run as auditCommand } from '../../src/cli/operate/audit.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'

async function startChained(required: boolean): Promise<{ gateway: TestGateway; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-chained-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startTestGateway({
    auditFile: join(folder, 'audit.jsonl'),
    auditRequired: required,
    auditKeys: `chain: true, anchor: { file: ${join(folder, 'anchor.jsonl')} }`,
  })
  return { gateway, folder }
}

async function verify(folder: string, ...args: readonly string[]) {
  const io = recordingIo({ cwd: folder })
  const code = await auditCommand(
    ['verify', ...args, '--key', 'audit.key.pub', '--anchor', 'anchor.jsonl'],
    io,
  )
  return { code, out: io.out() }
}

test.each([true, false])('calls, a moved file, and the end (required: %s)', async (required) => {
  const { gateway, folder } = await startChained(required)
  for (let nth = 0; nth < 3; nth += 1) expect((await gateway.post(toolCall('safe', nth))).status).toBe(200)
  renameSync(join(folder, 'audit.jsonl'), join(folder, 'audit.jsonl.1'))
  await gateway.running.reopenAudit()
  expect((await gateway.post(toolCall('danger'))).status).toBe(403)
  await expect.poll(() => metricsOf(gateway)).toContain('portcullis_audit_checkpoints{state="kept"} 2')
  await gateway.close()
  const { code, out } = await verify(folder, 'audit.jsonl', 'audit.jsonl.1')
  expect(out).toContain('and nothing is behind it')
  expect(code).toBe(0)
  const [first, last] = ['audit.jsonl.1', 'audit.jsonl'].map((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
  expect(first?.at(-1)).toMatchObject({ event: 'checkpoint', why: 'rotation' })
  expect(last?.at(-1)).toMatchObject({ event: 'checkpoint', why: 'end' })
  expect([...(first ?? []), ...(last ?? [])].filter(({ event }) => event === 'decision')).toHaveLength(4)
  expect((await verify(folder, 'audit.jsonl')).code).toBe(1)
  expect((await verify(folder, 'audit.jsonl', '--partial')).out).toContain('they ended at the rotation of')
})

test('a second gateway on the same file does not start, and says why', async () => {
  const { gateway, folder } = await startChained(true)
  onTestFinished(() => gateway.close())
  const second = startTestGateway({
    ...{
      auditFile: join(folder, 'audit.jsonl'),
      auditRequired: true,
      auditKeys: 'chain: true',
      beside: gateway,
    },
  })
  await expect(second).rejects.toThrow('another gateway writes')
})

test('without a chain nothing is added, locked or made', async () => {
  const gateway = await startTestGateway({ auditRequired: true })
  await gateway.post(toolCall('safe'))
  expect(gateway.audit().flatMap((line) => Object.keys(line))).not.toContain('prev')
  expect(await metricsOf(gateway)).not.toContain('audit_checkpoints')
  await gateway.close()
})
