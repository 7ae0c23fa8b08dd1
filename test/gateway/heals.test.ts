// The process keeps itself at what its file says: rotated audit files, files that a refused configuration names, and what
// an operator reads meanwhile on the admin port.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Readiness } from '../../src/core/readiness.ts'
import { freePort } from '../support/free-port.ts'
import { gatewayYaml, type YamlParts } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { callOf } from '../support/messages.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let issuer: TestIssuer
let upstream: TestUpstream
let gateway: GatewayProcess
let origin: string
let admin: string

beforeEach(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  upstream.respond = (_request, response) => response.writeHead(202).end()
  origin = `http://127.0.0.1:${await freePort()}`
  admin = `http://127.0.0.1:${await freePort()}`
})
afterEach(async () => {
  await gateway.kill()
  await upstream.close()
  await issuer.close()
})

function yaml(more: Partial<YamlParts> = {}): string {
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url }
  return gatewayYaml({
    ...urls,
    auditFile: 'audit.jsonl',
    admin: `{ listen: ${new URL(admin).host} }`,
    ...more,
  })
}

async function call(id: string): Promise<number> {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: id, client_id: 'c', scope: 'a' }
  const authorization = `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 600 })}`
  const { body, headers } = callOf('legacy')
  const response = await fetch(`${origin}/mcp/a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, authorization },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
  return response.status
}

const readiness = async () => (await (await fetch(`${admin}/readyz`)).json()) as Readiness
const isCurrent = async () =>
  /^portcullis_config_current (\d)$/m.exec(await (await fetch(`${admin}/metrics`)).text())?.[1]
const subjects = (file: string): readonly string[] =>
  readFileSync(join(gateway.folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).subject)

describe('SIGHUP after the audit file was moved', () => {
  test.each([
    ['one process, lines in the background', {}],
    ['one process, each line before its call', { auditRequired: true }],
    ['workers', { top: 'workers: 2\n' }],
    ['workers, each line before its call', { top: 'workers: 2\n', auditRequired: true }],
  ])('%s: the next line is in a new file, and none is lost', async (_, more) => {
    gateway = await startProcess({ yaml: yaml(more) })
    const [old, now] = [join(gateway.folder, 'audit.jsonl.1'), join(gateway.folder, 'audit.jsonl')]
    expect(await call('before')).toBe(202)
    renameSync(now, old)
    expect(await call('between')).toBe(202)
    gateway.child.kill('SIGHUP')
    await gateway.said('"event":"reloaded"')
    expect(existsSync(now)).toBe(true)
    expect(await call('after')).toBe(202)
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
    const all = [...subjects('audit.jsonl.1'), ...subjects('audit.jsonl')]
    expect([...new Set(all)].sort()).toEqual(['after', 'before', 'between'])
    expect(subjects('audit.jsonl.1')).not.toContain('after')
  })

  test('where it cannot be opened, the log says so and lines go on in the old one', async () => {
    gateway = await startProcess({ yaml: yaml({ auditFile: 'log/audit.jsonl' }), folders: ['log'] })
    renameSync(join(gateway.folder, 'log'), join(gateway.folder, 'moved'))
    gateway.child.kill('SIGHUP')
    await gateway.said('"event":"audit_reopen_failed"')
    expect(await call('after')).toBe(202)
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
    expect(subjects('moved/audit.jsonl')).toEqual(['after'])
  })
})

describe('a reload that was refused', () => {
  const WITH_SECRET = 'session_key: "file:secret"\n'

  test.each([
    ['one process', ''],
    ['workers', 'workers: 2\n'],
  ])('%s: readiness and a metric say so, and a file that was wrong heals it', async (_, top) => {
    gateway = await startProcess({ yaml: yaml({ top }) })
    expect((await readiness()).configuration).toEqual({ current: true })
    expect(await isCurrent()).toBe('1')
    gateway.rewrite(yaml({ top: top + WITH_SECRET })) // the file is not there
    await gateway.said('"event":"reload_refused"')
    const refused = {
      since: expect.any(String),
      why: expect.stringMatching(/gateway\.yaml:\d+:\d+: .*secret/),
    }
    expect(await readiness()).toMatchObject({ ready: true, configuration: { current: false, refused } })
    expect(await isCurrent()).toBe('0')
    writeFileSync(join(gateway.folder, 'secret'), randomBytes(32).toString('base64'), { mode: 0o600 })
    await gateway.said('"event":"reloaded"')
    expect((await readiness()).configuration).toEqual({ current: true })
    expect(await isCurrent()).toBe('1')
    expect(await call('after')).toBe(202)
  })

  test('each problem is one line of the log, and each line is JSON', async () => {
    gateway = await startProcess({ yaml: yaml() })
    gateway.rewrite(`${yaml()}nonsense: true\nlisten: 1\n`)
    await gateway.said('"event":"reload_refused"')
    const lines = gateway
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const problems = lines.filter(({ event }) => event === 'configuration')
    expect(problems.length).toBeGreaterThanOrEqual(2)
    expect(problems[0]).toMatchObject({ file: expect.any(String), line: expect.any(Number) })
  })
})

test.each([
  ['one process', ''],
  ['workers', 'workers: 2\n'],
])('%s: keys that need a restart are named until they are as they were', async (_, top) => {
  gateway = await startProcess({ yaml: yaml({ top }) })
  gateway.rewrite(yaml({ top, auditRequired: true }))
  await gateway.said('"event":"restart_needed"')
  await expect.poll(readiness).toMatchObject({
    configuration: { current: false, restart_needed: ['audit'] },
  })
  expect(await isCurrent()).toBe('0')
  gateway.rewrite(yaml({ top }))
  await gateway.said('"event":"restart_not_needed"')
  await expect.poll(readiness).toMatchObject({ configuration: { current: true } })
  expect(await isCurrent()).toBe('1')
})
