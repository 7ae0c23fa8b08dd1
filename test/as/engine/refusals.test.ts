// Every refusal of the authorization server is on record: in the audit with its reason and the id of its request, and in
// a metric.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWhole, type Whole } from '../clients/whole.ts'
import { ask, postForm, postJson } from './scene.ts'

let whole: Whole
beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

const CLIENT = { redirect_uris: ['https://c.example/cb'], token_endpoint_auth_method: 'none' }

async function registered(): Promise<string> {
  return String((await postJson(`${whole.origin}/register`, CLIENT)).json['client_id'])
}

type Send = () => Promise<{ readonly status: number; readonly headers: Headers }>
const url = (path: string) => whole.origin + path
const html = { headers: { accept: 'text/html' } }
const CASES: readonly (readonly [what: string, path: string, reason: string, send: Send])[] = [
  ['a token request', '/token', 'invalid_client', () => postForm(url('/token'), { client_id: 'x' })],
  ['no form at all', '/token', 'invalid_request', () => postJson(url('/token'), {})],
  [
    'a code that nobody has',
    '/token',
    'invalid_grant',
    async () =>
      postForm(url('/token'), {
        ...{ grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://c.example/cb' },
        ...{ client_id: await registered(), code_verifier: 'v'.repeat(43) },
      }),
  ],
  [
    'a question about a token',
    '/introspect',
    'invalid_client',
    () => postForm(url('/introspect'), { token: 'x' }),
  ],
  [
    'a token given back by nobody',
    '/revoke',
    'invalid_client',
    () => postForm(url('/revoke'), { token: 'x', client_id: 'nobody' }),
  ],
  [
    'a registration',
    '/register',
    'invalid_redirect_uri',
    () => postJson(url('/register'), { redirect_uris: ['x:y'] }),
  ],
  [
    'a body too large',
    '/register',
    'invalid_request',
    () => postJson(url('/register'), { ...CLIENT, client_name: 'x'.repeat(70_000) }),
  ],
  ['an authorization', '/authorize', 'invalid_client', () => ask(url('/authorize?client_id=nobody'), html)],
  [
    'a device',
    '/device_authorization',
    'invalid_client',
    () => postForm(url('/device_authorization'), { client_id: 'nobody' }),
  ],
  ['a page that is over', '/interaction/abc', 'invalid_request', () => ask(url('/interaction/abc'), html)],
  [
    'a form of another page',
    '/account/disconnect',
    'foreign_form',
    () => postForm(url('/account/disconnect'), { client: 'x' }),
  ],
]

test.each(CASES)('%s', async (_what, path, reason, send) => {
  const answer = await send()
  expect(answer.status).toBeGreaterThanOrEqual(400)
  const id = answer.headers.get('x-request-id')
  const lines = whole.audit().filter((line) => line['request_id'] === id)
  expect(lines).toEqual([
    expect.objectContaining({ event: 'refused', endpoint: path, reason, address: '127.0.0.1' }),
  ])
})

test('an event that is no refusal has the id of its request too', async () => {
  const { headers, json } = await postJson(url('/register'), CLIENT)
  expect(whole.audit()).toContainEqual(
    expect.objectContaining({
      event: 'client_registered',
      client: json['client_id'],
      request_id: headers.get('x-request-id'),
    }),
  )
})

test('a client that is known is named, and the metric counts by reason', async () => {
  const client = await registered()
  const form = { grant_type: 'refresh_token', client_id: client, refresh_token: 'canary' }
  await postForm(url('/token'), form)
  const line = whole.audit().findLast(({ event }) => event === 'refused')
  expect(line).toMatchObject({ reason: 'invalid_grant', client, actor: `client ${client}` })
  expect(JSON.stringify(line)).not.toContain('canary')
  const metrics = await (await fetch(`${whole.gateway.adminOrigin}/metrics`)).text()
  expect(metrics).toMatch(
    /portcullis_authorization_events_total\{event="refused",reason="invalid_grant"\} [1-9]/,
  )
  expect(metrics).toMatch(
    /portcullis_authorization_events_total\{event="client_registered",reason=""\} [1-9]/,
  )
})

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

test('a device that waits for its person is on record with what it was told', async () => {
  const about = { ...CLIENT, redirect_uris: [], response_types: [], grant_types: [DEVICE] }
  const { json } = await postJson(url('/register'), about)
  const client = String(json['client_id'])
  const begun = await postForm(url('/device_authorization'), { client_id: client, resource: whole.resource })
  const form = { grant_type: DEVICE, client_id: client, device_code: String(begun.json['device_code']) }
  for (const reason of ['authorization_pending', 'slow_down']) {
    const answer = await postForm(url('/token'), form)
    expect(answer.json['error']).toBe(reason)
    const id = answer.headers.get('x-request-id')
    const lines = whole.audit().filter((line) => line['request_id'] === id)
    expect(lines).toEqual([expect.objectContaining({ event: 'refused', endpoint: '/token', reason, client })])
    const metrics = await (await fetch(`${whole.gateway.adminOrigin}/metrics`)).text()
    expect(metrics).toContain(`portcullis_authorization_events_total{event="refused",reason="${reason}"} 1`)
  }
})

test('A64: beyond 60 lines a minute from one address they are counted', async () => {
  const busy = await startWhole()
  for (let sent = 0; sent < 70; sent += 1) await postForm(`${busy.origin}/token`, { client_id: 'x' })
  expect(busy.audit().filter(({ event }) => event === 'refused')).toHaveLength(60)
  const metrics = await (await fetch(`${busy.gateway.adminOrigin}/metrics`)).text()
  expect(metrics).toContain('{event="refused",reason="invalid_client"} 70')
  await busy.close()
})
