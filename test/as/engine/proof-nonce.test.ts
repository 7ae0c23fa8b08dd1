// DPoP nonces where the authorization server and a route share an origin (RFC 9449 §8, §9). The session of the official
// SDK keeps nonces by origin, so each of the two is shown the other's, and must answer in a way that a client can mend.
import { DpopSession } from '@modelcontextprotocol/client'
import { afterEach, expect, test } from 'vitest'
import { storedSecret } from '../../../src/as/store/data-secret.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import { startWhole, type Whole } from '../clients/whole.ts'

let whole: Whole
afterEach(() => whole.close())

async function start(route: string): Promise<void> {
  whole = await startWhole({ route })
  const store = await openStore(whole.data, {
    secret: storedSecret(whole.data),
    clock: { now: () => Date.now() },
  })
  await store.clients.save('robot', 'operator', {
    client_id: 'robot',
    client_secret: 'a secret of the robot',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
  await store.close()
}

interface Told {
  readonly status: number
  readonly error: unknown
  readonly nonce: string | null
  readonly token: string
}

/** One request with a fresh proof; the session remembers the nonce of the answer. */
async function ask(session: DpopSession, url: string, init: RequestInit, token?: string): Promise<Told> {
  const bound = token === undefined ? {} : { accessToken: token }
  const proof = await session.buildProof({ htm: 'POST', htu: url, ...bound })
  const answer = await fetch(url, { ...init, method: 'POST', headers: { ...init.headers, dpop: proof } })
  session.observeNonce(answer, url)
  const json = (await answer.json()) as Record<string, unknown>
  const nonce = answer.headers.get('dpop-nonce')
  return { status: answer.status, error: json['error'], nonce, token: String(json['access_token']) }
}

const askToken = (session: DpopSession) =>
  ask(session, `${whole.origin}/token`, {
    headers: { authorization: `Basic ${btoa('robot:a+secret+of+the+robot')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'notes:read' }),
  })

const callTool = (session: DpopSession, token: string) =>
  ask(
    session,
    whole.resource,
    {
      headers: {
        authorization: `DPoP ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":{}}}',
    },
    token,
  )

test('RFC 9449 §8.2 each sends a client with the other’s nonce on, and the next request is good', async () => {
  await start('    dpop_nonce: true')
  const session = await DpopSession.create()
  const { status, token } = await askToken(session)
  expect(status).toBe(200)
  expect(await callTool(session, token)).toMatchObject({ status: 401, error: 'use_dpop_nonce' })
  expect((await callTool(session, token)).status).toBe(200)
  expect(await askToken(session)).toMatchObject({ status: 400, error: 'use_dpop_nonce' })
  const renewed = await askToken(session)
  expect(renewed.status).toBe(200)
  expect((await callTool(session, renewed.token)).status).toBe(401)
  expect((await callTool(session, renewed.token)).status).toBe(200)
})

test('H3: who is told another nonce has not failed', async () => {
  await start('    dpop_nonce: true')
  const session = await DpopSession.create()
  const other = new Response(null, { headers: { 'dpop-nonce': 'of somebody else' } })
  for (let sent = 0; sent < 300; sent += 1) {
    session.observeNonce(other, whole.origin)
    expect(await askToken(session)).toMatchObject({ status: 400, error: 'use_dpop_nonce' })
  }
  expect((await askToken(session)).status).toBe(200)
})

test('where no route asks for nonces, neither gives one', async () => {
  await start('')
  const session = await DpopSession.create()
  const { token, nonce } = await askToken(session)
  expect(nonce).toBe(null)
  expect(await callTool(session, token)).toMatchObject({ status: 200, nonce: null })
})
