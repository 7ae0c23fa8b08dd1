// The audit as OCSF at a real rsyslogd (8.2302, Debian 12): what arrives, what its death and its rotation cost, and what
// happens where nobody listens. rsyslog reads RFC 5424 itself, so each field is what another program understood.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { schemaFaults } from '../observe/ocsf/schema.ts'
import { freePort } from '../support/free-port.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { rsyslogMissing, startRsyslog, type TestRsyslog } from '../support/rsyslog.ts'
import { metricsOf } from '../support/scrape.ts'

vi.setConfig({ testTimeout: 60_000 })

const missing = rsyslogMissing()
let gateway: TestGateway | undefined
let receiver: (TestRsyslog & { close(): Promise<void> }) | undefined
afterEach(async () => {
  await gateway?.close()
  await receiver?.close()
  gateway = undefined
  receiver = undefined
})

const start = async (syslog: string, env: Record<string, string> = {}) => {
  gateway = await startTestGateway({ auditKeys: `ocsf: { syslog: ${syslog} }`, env })
  return gateway
}
const lostIn = async (served: TestGateway) =>
  Number(/^portcullis_ocsf_lost\{to="syslog"\} (\d+)$/m.exec(await metricsOf(served))?.[1])
const uidsOf = (rsyslog: TestRsyslog) =>
  rsyslog.received().map(({ text }) => (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid)
const saidBy = ({ log }: TestGateway, event: string) =>
  log.filter((line) => line.includes(`"event":"${event}"`))

describe.skipIf(missing !== undefined)('the audit at rsyslogd', () => {
  test('RFC 5424 in counted octets: each request and event arrives, and fits OCSF', async () => {
    receiver = await startRsyslog()
    const served = await start(`{ url: "tcp://127.0.0.1:${receiver.port}" }`)
    await served.post(toolCall('safe'))
    await served.post(toolCall('danger'))
    await served.post(toolCall('sümmer\n🌞'))
    const heard = receiver
    await expect.poll(() => heard.received().length, { timeout: 10_000 }).toBe(3)
    const messages = heard.received()
    for (const { app, host, time, text } of messages) {
      expect([app, host]).toEqual(['portcullis', expect.stringMatching(/^[\x21-\x7e]+$/)])
      expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)
      expect(schemaFaults(JSON.parse(text))).toEqual([])
    }
    expect(messages.map(({ priority, kind }) => [priority, kind])).toEqual([
      ['110', 'api_activity'],
      ['108', 'api_activity'],
      ['108', 'api_activity'],
    ])
    expect(messages[2]?.text).toContain('s\\u00fcmmer')
    expect(await lostIn(served)).toBe(0)
  })

  test('killed, away, rotated and back: nothing is lost, the log says it once, no call waits', async () => {
    receiver = await startRsyslog()
    const heard = receiver
    const served = await start(`{ url: "tcp://127.0.0.1:${heard.port}" }`)
    const call = async (count: number) => {
      for (let nth = 0; nth < count; nth += 1) expect((await served.post(toolCall('safe'))).status).toBe(200)
    }
    await call(30)
    await heard.kill() // with what it has not written yet
    await call(30)
    expect(saidBy(served, 'syslog_down')).toHaveLength(1)
    await heard.start()
    await call(30)
    await expect.poll(() => new Set(uidsOf(heard)).size, { timeout: 20_000 }).toBe(90)
    heard.rotate()
    await call(30)
    await expect.poll(() => new Set(uidsOf(heard)).size, { timeout: 20_000 }).toBe(120)
    expect(saidBy(served, 'syslog_up')).toHaveLength(1)
    expect(await lostIn(served)).toBe(0)
  })

  test('RFC 5425: over TLS only to who has a certificate that is trusted', async () => {
    receiver = await startRsyslog({ isTls: true })
    const heard = receiver
    const url = `tls://127.0.0.1:${heard.port}`
    const doubting = await startTestGateway({ auditKeys: `ocsf: { syslog: { url: "${url}" } }` })
    await doubting.post(toolCall('safe'))
    await expect.poll(() => saidBy(doubting, 'syslog_down').length).toBe(1)
    expect(saidBy(doubting, 'syslog_down').join()).toMatch(/SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_VERIFY/)
    await doubting.close()
    expect(heard.received()).toEqual([])
    const trusting = await start(`{ url: "${url}", ca: "file:${heard.certificate}" }`)
    await trusting.post(toolCall('safe'))
    await expect.poll(() => heard.received().length, { timeout: 10_000 }).toBe(1)
    expect(saidBy(trusting, 'syslog_down')).toEqual([])
  })
})

test('nobody listens: what waits is bounded, the rest is counted, and said once', async () => {
  const served = await start(`{ url: "tcp://127.0.0.1:${await freePort()}", spool: 2MiB }`)
  const long = toolCall('x'.repeat(200))
  const batch = Array.from({ length: 50 }, (_, id) => ({ ...long, id }))
  for (let nth = 0; nth < 300 && !((await lostIn(served)) > 0); nth += 1)
    await Promise.all(Array.from({ length: 20 }, () => served.post(batch)))
  expect(await lostIn(served)).toBeGreaterThan(0)
  expect(saidBy(served, 'syslog_lost')).toHaveLength(1)
  expect(saidBy(served, 'syslog_down')).toHaveLength(1)
})

test('to a file: each request, also after it was moved', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-ocsf-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [now, old] = [join(folder, 'ocsf.jsonl'), join(folder, 'ocsf.jsonl.1')]
  const served = await startTestGateway({ auditKeys: `ocsf: { file: ${now} }` })
  await served.post(toolCall('safe'))
  renameSync(now, old)
  await served.running.reopenAudit()
  await served.post(toolCall('danger'))
  await served.close()
  const events = [old, now].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  )
  expect(events.map((line) => schemaFaults(JSON.parse(line)))).toEqual([[], []])
  expect(events.map((line) => JSON.parse(line).status)).toEqual(['Success', 'Failure'])
})
