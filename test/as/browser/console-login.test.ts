// Operators who sign in at the server of their own gateway, while that server cannot be asked: they hear that nobody can sign
// in now, and no session goes on. The sign-in itself is tested over sockets (test/console/embedded-people.test.ts).
import { expect, test } from 'vitest'
import { createConsoleLogin, isStillSignedIn } from '../../../src/as/browser/console-login.ts'
import type { OwnServer } from '../../../src/as/browser/own-issuer.ts'
import { newPendingAuthorization } from '../../../src/as/sign-in/code-flow.ts'

const CALLBACK = 'http://127.0.0.1:9090/console/callback'
const NOTHING = { resource: '', scopes: [] }
const AWAY = { ok: false, why: 'unreachable' }

/** A server whose store fails so; `isFault`: because its data is away. */
function serverThatFails(isFault: boolean): OwnServer {
  const fail = async () => {
    throw new Error('the disk is gone')
  }
  const store = {
    clients: { save: fail },
    users: { find: fail },
    clock: { now: () => 0 },
    isFault: () => isFault,
  }
  return {
    engine: { store, secure: false },
    metadataText: () => JSON.stringify({ issuer: 'http://127.0.0.1:1', jwks_uri: 'http://127.0.0.1:1/jwks' }),
    handle: fail,
  } as unknown as OwnServer
}

test('without a server nobody signs in, and nobody is signed in', async () => {
  const nowhere = async () => undefined
  const { client, close } = createConsoleLogin(nowhere, CALLBACK)
  const pending = newPendingAuthorization()
  expect(await client.begin(NOTHING, pending, '127.0.0.1')).toMatchObject(AWAY)
  expect(await client.finish(NOTHING, new URL(CALLBACK), pending, '127.0.0.1')).toMatchObject(AWAY)
  expect(await isStillSignedIn(nowhere, 'ada', 0)).toBe(false)
  await close()
})

test('while its data is away neither; a fault of ours is thrown', async () => {
  const begin = (isFault: boolean) => {
    const server = serverThatFails(isFault)
    const { client } = createConsoleLogin(async () => server, CALLBACK)
    return client.begin(NOTHING, newPendingAuthorization(), '127.0.0.1')
  }
  expect(await begin(true)).toMatchObject(AWAY)
  await expect(begin(false)).rejects.toThrow('the disk is gone')
})
