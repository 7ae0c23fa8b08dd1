// Proof of possession of a code (RFC 7636): always needed, S256 only, and held against what the authorization said.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asked, type Changes, expectTold } from './request-context.ts'
import { authorize, createScene, pkce, postForm, REDIRECT, register, type Scene } from './scene.ts'
import { expectError, newClient } from './steps.ts'

let scene: Scene
let clientId: string
beforeAll(async () => {
  scene = await createScene()
  clientId = await newClient(scene)
})
afterAll(() => scene.stop())

const { verifier, challenge } = pkce()
const usual = (changes: Changes) => asked(clientId, challenge, changes)
const NONE: Changes = { code_challenge: undefined, code_challenge_method: undefined }

/** `undefined`: the parameter is not sent at all. */
function redeem(code: string, sent: string | undefined) {
  return postForm(`${scene.origin}/token`, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT,
    ...(sent === undefined ? {} : { code_verifier: sent }),
  })
}

async function newCode(): Promise<string> {
  const { params } = await authorize(scene, usual({}))
  return params.get('code') ?? ''
}

describe('A07, H5: without a challenge there is no code', () => {
  test.each([
    ['absent', NONE],
    ['absent, with a method', { code_challenge: undefined }],
    ['empty', { code_challenge: '' }],
    ['too short', { code_challenge: challenge.slice(1) }],
    ['too long', { code_challenge: `${challenge}x`.repeat(3) }],
    ['no base64url', { code_challenge: `${challenge.slice(1)}+` }],
  ])('A07: %s', (_what, changes) => expectTold(scene, usual(changes), 'invalid_request'))

  test('AS-01, A07: nor for a client that has a secret', async () => {
    const app = await register(scene, { token_endpoint_auth_method: 'client_secret_basic' })
    const params = usual({ ...NONE, client_id: String(app.json['client_id']) })
    await expectTold(scene, params, 'invalid_request')
  })
})

describe('A08, H5: no way down', () => {
  test.each([['plain'], [undefined], ['S256 '], ['s256'], ['']])('A08: the method %j', (method) =>
    expectTold(scene, usual({ code_challenge_method: method }), 'invalid_request'),
  )

  test('A08: a code with a challenge, redeemed without a verifier, then with it', async () => {
    const code = await newCode()
    expectError(await redeem(code, undefined), 400, 'invalid_grant')
    expect((await redeem(code, verifier)).status).toBe(200)
  })

  test('A08: a code without a challenge is not redeemed with a verifier, one with it is', async () => {
    expect(
      (await redeem(await issue({ codeChallenge: challenge, codeChallengeMethod: 'S256' }), verifier)).status,
    ).toBe(200)
    expectError(await redeem(await issue({}), verifier), 400, 'invalid_grant')
  })
})

/** A code as the engine would make it, with and without what no request of a client can leave out. */
async function issue(proof: { codeChallenge?: string; codeChallengeMethod?: string }): Promise<string> {
  const { engine } = scene.server
  const { resource } = scene
  const provider = engine.provider()
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Error('the client is gone')
  const scopes = ['notes:read']
  const grantId = await engine.createGrant({ clientId, resource, scopes, accountId: 'ada' })
  const about = { accountId: 'ada', client, grantId, resource, scope: 'notes:read' }
  const way = { redirectUri: REDIRECT, gty: 'authorization_code' }
  return await new provider.AuthorizationCode({ ...about, ...way, ...proof }).save()
}

test.each([
  ['empty', ''],
  ['of 42 characters', 'a'.repeat(42)],
  ['of 129 characters', 'a'.repeat(129)],
  ['with other characters', `${verifier.slice(1)}!`],
  ['with a space at its end', `${verifier} `],
  ['with NUL', `${verifier}\0`],
  ['another one', 'a'.repeat(43)],
  ['the challenge itself', challenge],
])('A09: a verifier that is %s', async (_what, sent) => {
  const code = await newCode()
  const answer = await redeem(code, sent)
  expect(answer.status).toBe(400)
  expect(answer.json['error']).toMatch(/^invalid_(grant|request)$/)
  expect((await redeem(code, verifier)).status).toBe(200)
})
