// Sign-in at two workers over one SQLite file: each request has a connection of its own, so the steps come to the workers
// by turns.
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOperator } from '../../src/as/operate/operator.ts'
import { createDemoPerson, type DemoPerson } from '../../src/cli/demo/person.ts'
import type { Fetch } from '../../src/cli/demo/wire.ts'
import { authorize, register } from '../as/clients/sign-in.ts'
import { freePort } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const PASSWORD = 'correct horse battery'
const REDIRECT = 'https://desk.example.com/callback'

let gateway: GatewayProcess
let upstream: TestUpstream
let origin: string
let resource: string
beforeAll(async () => {
  upstream = await startUpstream()
  origin = `http://127.0.0.1:${await freePort()}`
  resource = `${origin}/mcp`
  gateway = await startProcess({ yaml: yaml() })
  await gateway.said('"event":"listening"')
  const settings = { data: join(gateway.folder, 'as.sqlite'), cookieSecret: undefined }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'test' })
  expect(await operator.users.add('ada', PASSWORD)).toBeUndefined()
  await operator.close()
}, 60_000)
afterAll(async () => {
  await gateway.kill()
  await upstream.close()
})

function yaml(): string {
  return `public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
workers: 2
issuers: { builtin: { embedded: true } }
authorization_server: { data: as.sqlite }
routes:
  - name: a
    path: /mcp
    upstream: ${upstream.url}
    issuers: [builtin]
    scopes: [use]
    policy:
      rules:
        - { name: use, tools: [safe], scopes: [use] }
        - { name: more, tools: [danger], scopes: [more] }
`
}

/** On a connection of its own. */
const freshFetch: Fetch = (input, init = {}) =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers, body } = init
    const sent = request(
      String(input),
      { method, agent: false, headers: Object.fromEntries(new Headers(headers)) },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const told = new Headers()
          for (let at = 0; at < incoming.rawHeaders.length; at += 2)
            told.append(incoming.rawHeaders[at] as string, incoming.rawHeaders[at + 1] as string)
          resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 0, headers: told }))
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

const ada = (): DemoPerson => createDemoPerson({ name: 'ada', password: PASSWORD, fetch: freshFetch })
const front = {
  get origin() {
    return origin
  },
  person: ada,
}
const habits = () => ({ redirectUri: REDIRECT, scope: 'use', resource })

async function call(token: string, tool: string): Promise<number> {
  const { body, headers } = callOf('legacy', tool, 1)
  const init = { method: 'POST', body: JSON.stringify(body) }
  const more = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await freshFetch(resource, { ...init, headers: more })
  return answer.status
}

test('people sign in, whichever worker each step comes to', async () => {
  const statuses: number[] = []
  for (let times = 0; times < 4; times += 1) {
    const { json } = await register(front, habits())
    const { token, accessToken } = await authorize(front, habits(), String(json['client_id']))
    expect(token.status).toBe(200)
    statuses.push(await call(accessToken, 'safe'), await call(accessToken, 'safe'))
  }
  expect(statuses.filter((status) => status === 401)).toEqual([])
})

test('what a call was refused for is offered on a page that another worker reads', async () => {
  const { json } = await register(front, habits())
  const clientId = String(json['client_id'])
  const { accessToken } = await authorize(front, habits(), clientId)
  expect([await call(accessToken, 'danger'), await call(accessToken, 'danger')]).toEqual([403, 403])
  const again = await authorize(front, habits(), clientId)
  expect(again.token.status).toBe(200)
})
