// A server without a baseline, and a client that names no scope: the person agrees to being known there.
import { afterEach, expect, test } from 'vitest'
import { createScene, notesRoute, postForm, REDIRECT, type Scene } from './scene.ts'
import { claimsOf, newClient, newCode } from './steps.ts'

let scene: Scene
afterEach(() => scene.stop())

test.each([
  ['without scopes', []],
  ['whose rules alone name scopes', ['notes:write']],
])('AS-08: a route %s gives a client that names none a token, and refreshes it', async (_what, scopes) => {
  scene = await createScene({ routes: (origin) => [{ ...notesRoute(origin), baseline: [], scopes }] })
  const clientId = await newClient(scene)
  const { code, verifier } = await newCode(scene, clientId)
  const form = {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT,
  }
  const { status, json } = await postForm(`${scene.origin}/token`, form)
  expect([status, json['error_description']]).toEqual([200, undefined])
  expect(claimsOf(json['access_token'])).toMatchObject({ aud: scene.resource })
  const refresh = {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: String(json['refresh_token']),
  }
  const again = await postForm(`${scene.origin}/token`, refresh)
  expect(again.status).toBe(200)
  expect(claimsOf(again.json['access_token'])).toMatchObject({ aud: scene.resource })
})
