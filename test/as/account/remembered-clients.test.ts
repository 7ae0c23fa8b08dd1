// What a client may do without asking: be told of an error once its person has agreed to it, and be sent only to an
// address that it still has when the person answers.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  type DocumentHost,
  documentOf,
  sendDocument,
  startDocumentHost,
  trusting,
} from '../engine/document-host.ts'
import { later } from '../engine/steps.ts'
import { type Scene, SETTINGS, startScene } from '../support/scene.ts'
import { agentOf, allow, PUBLIC, signIn } from './steps.ts'

let documents: DocumentHost
let scene: Scene
beforeAll(async () => {
  documents = await startDocumentHost()
  const registration = { ...SETTINGS.registration, clientIdMetadata: trusting(documents) }
  scene = await startScene({ publicUrl: PUBLIC, settings: { registration } })
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await scene.close()
  await documents.close()
})

const SITE = 'https://site.example.com/cb'

async function registered(): Promise<string> {
  const answer = await fetch(`${scene.listening}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [SITE], token_endpoint_auth_method: 'none' }),
  })
  return ((await answer.json()) as { client_id: string }).client_id
}

test('A65: prompt=none is told to a client that this person agreed to, and to no other', async () => {
  const [known, other] = [await registered(), await registered()]
  const agent = agentOf(scene)
  await allow(agent, await signIn(agent, scene.authorizeUrl(known, { redirect_uri: SITE })))
  const silently = (client: string) =>
    scene.authorizeUrl(client, { redirect_uri: SITE, prompt: 'none', scope: 'notes:write' })
  expect((await agent.get(silently(known))).location).toMatch(/^https:\/\/site\.example\.com\/cb\?error=/)
  const page = await agent.get(silently(other))
  expect([page.status, page.location]).toEqual([400, undefined])
  const stranger = await agentOf(scene).get(silently(known))
  expect([stranger.status, stranger.location]).toEqual([400, undefined])
})

test.each(['allow', 'refuse'])('A67: an address that is gone when the person answers: %s', async (answer) => {
  const id = documents.newId()
  const publish = (uris: readonly string[]) => {
    documents.respond = (_request, response) =>
      sendDocument(response, documentOf(id, { redirect_uris: uris }))
  }
  publish([SITE, 'https://site.example.com/new'])
  const agent = agentOf(scene)
  const page = await signIn(agent, scene.authorizeUrl(id, { redirect_uri: SITE }))
  publish(['https://site.example.com/new'])
  later(61)
  const answered = await agent.press(page, 'answer', answer)
  expect([answered.status, answered.location]).toEqual([400, undefined])
  expect(answered.body).toContain('no longer sends people to')
  expect(scene.events.at(-1)).toMatchObject({ event: 'consent_refused', client: id })
})
