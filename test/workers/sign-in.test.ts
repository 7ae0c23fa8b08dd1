// Sign-in at two workers over one SQLite file: each request has a connection of its own, so the steps come to the workers
// by turns.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Operations, openOperator } from '../../src/as/operate/operator.ts'
import { createDemoPerson, type DemoPerson } from '../../src/cli/demo/person.ts'
import { rejection } from '../../src/cli/demo/session.ts'
import { authorize, register } from '../as/clients/sign-in.ts'
import { signInBy } from '../console/signed-in.ts'
import { freePort } from '../support/free-port.ts'
import { createFreshFetch } from '../support/fresh-fetch.ts'
import { callOf } from '../support/messages.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { openStepUp } from './step-up.ts'

const PASSWORD = 'correct horse battery'
const REDIRECT = 'https://desk.example.com/callback'

let gateway: GatewayProcess
let upstream: TestUpstream
let everything: RunningServer
let origin: string
let admin: string
let resource: string
beforeAll(async () => {
  upstream = await startUpstream()
  everything = await startEverything()
  origin = `http://127.0.0.1:${await freePort()}`
  admin = `http://127.0.0.1:${await freePort()}`
  resource = `${origin}/mcp`
  gateway = await startProcess({ yaml: yaml() })
  await gateway.said('"event":"listening"')
  await operate(async ({ users }) => expect(await users.add('ada', PASSWORD)).toBeUndefined())
}, 60_000)
afterAll(async () => {
  await gateway.kill()
  await upstream.close()
  await everything.close()
})

async function operate(work: (data: Operations) => Promise<unknown>): Promise<void> {
  const settings = { data: join(gateway.folder, 'as.sqlite'), cookieSecret: undefined }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'test' })
  await work(operator)
  await operator.close()
}

function yaml(): string {
  return `public_url: ${origin}
listen: ${new URL(origin).host}
admin:
  listen: ${new URL(admin).host}
  people: { issuer: builtin, rules: [{ who: { subjects: [ada] }, may: [view, approve] }] }
workers: 2
audit: { file: audit.jsonl, required: true }
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
  - name: world
    path: /world/mcp
    upstream: ${everything.url}
    issuers: [builtin]
    scopes: [use]
    policy:
      rules:
        - { name: use, tools: [test_simple_text], scopes: [use] }
        - { name: more, tools: [test_image_content], scopes: [more] }
`
}

const freshFetch = createFreshFetch()

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

/** What consent pages offered, as the audit tells it. */
function offers(): readonly unknown[] {
  return readFileSync(join(gateway.folder, 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'step_up_offered')
    .map(({ detail }) => detail)
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

test('what one worker refused a call for is offered once, by a page of whichever worker', async () => {
  const { json } = await register(front, habits())
  const clientId = String(json['client_id'])
  const { accessToken } = await authorize(front, habits(), clientId)
  expect(await call(accessToken, 'danger')).toBe(403)
  for (let times = 0; times < 2; times += 1)
    await authorize(front, { ...habits(), prompt: 'consent' }, clientId)
  expect(offers()).toEqual(['offered more; ticked nothing'])
})

test('SDK 1.32.2 refreshes at another worker than the one that refused its call, and its person is asked', async () => {
  for (const between of [0, 1, 0, 1]) {
    const { session, tokenAnswers } = await openStepUp({
      ...{ url: `${origin}/world/mcp`, person: ada(), fetch: freshFetch },
      // The other worker has the next turn.
      beforeToken: async () => {
        for (let n = 0; n < between; n += 1) await (await freshFetch(`${origin}/nowhere`)).text()
      },
    })
    await rejection(session.call('test_image_content', {}))
    expect(tokenAnswers()).toEqual([400])
    await session.stepUp()
    await session.call('test_image_content', {})
    await session.close()
  }
})

test('an operator signs in there to the console, which the primary has, and is out once they are shut out', async () => {
  const browser = await signInBy(admin, ada().browse)
  expect(browser.arrived.text).toContain('Signed in as <strong>ada</strong>')
  expect((await browser.page('/approvals')).status).toBe(200)
  await operate(({ users }) => users.disable('ada'))
  expect((await browser.page('/approvals')).status).toBe(401)
  await operate(({ users }) => users.enable('ada'))
})
