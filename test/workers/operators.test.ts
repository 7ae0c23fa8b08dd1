// Operators of a gateway of several processes: the primary has the port and their sessions, and a worker writes the audit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { until } from '../support/redis.ts'

const TOKEN = 'the token of the file'

let gateway: GatewayProcess
let admin: string
const yaml = (token: string) => `public_url: http://127.0.0.1:1
listen: 127.0.0.1:0
admin: { listen: "${new URL(admin).host}", token: "${token}" }
workers: 2
audit: { file: audit.jsonl, required: true }
issuers: { corp: { issuer: "http://127.0.0.1:1", allow_insecure_issuer: true } }
routes:
  - { name: a, path: /mcp, upstream: "http://127.0.0.1:1", issuers: [corp], policy: { rules: [{ tools: [safe] }] } }
`
beforeAll(async () => {
  admin = `http://127.0.0.1:${await freePort()}`
  gateway = await startProcess({ yaml: yaml('${TOKEN}'), env: { TOKEN, NEXT: 'another token' } })
  await gateway.said('"event":"listening"')
}, 60_000)
afterAll(() => gateway.kill())

const signIn = (token: string) =>
  fetch(`${admin}/console/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    redirect: 'manual',
  })
const statusOf = async (cookie: string) => (await fetch(`${admin}/console`, { headers: { cookie } })).status

function audited(): readonly unknown[] {
  return readFileSync(join(gateway.folder, 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ event, actor }) => [event, actor])
}

test('a session begins, is good for each request, is on record, and ends with the token', async () => {
  expect((await signIn('wrong')).status).toBe(403)
  const answer = await signIn(TOKEN)
  expect(answer.status).toBe(303)
  const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';')
  for (let times = 0; times < 5; times += 1) expect(await statusOf(cookie)).toBe(200)
  await until(() => audited().length === 2, 'both are on record')
  expect(audited()).toEqual([
    ['operator_sign_in_refused', 'unknown'],
    ['operator_sign_in', 'operator token'],
  ])
  gateway.rewrite(yaml('${NEXT}'))
  await gateway.said('"event":"reloaded"')
  expect(await statusOf(cookie)).toBe(401)
  expect((await signIn(TOKEN)).status).toBe(403)
  expect((await signIn('another token')).status).toBe(303)
})
