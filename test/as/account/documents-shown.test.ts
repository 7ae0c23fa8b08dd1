// What a person sees of a client that is known by a metadata document: who publishes it, where it leads, and that its
// name is worth no more than that.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { clientWarning } from '../../../src/as/pages/parts.ts'
import { localeFor } from '../../../src/as/pages/texts/locale.ts'
import {
  type DocumentHost,
  documentOf,
  sendDocument,
  startDocumentHost,
  trusting,
} from '../engine/document-host.ts'
import { later } from '../engine/steps.ts'
import { PASSWORD, type Scene, SETTINGS, startScene } from '../support/scene.ts'
import { agentOf, allow, openSignIn, PUBLIC, signIn } from './steps.ts'

let documents: DocumentHost
let scene: Scene
let id: string
/** Somebody's host for pictures. */
let pictures: Server
let pictureUrl: string
let looks = 0

beforeAll(async () => {
  documents = await startDocumentHost()
  pictures = createServer((_request, response) => {
    looks += 1
    response.end()
  })
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve))
  pictureUrl = `https://127.0.0.1:${(pictures.address() as AddressInfo).port}/logo.png`
  pictures.on('connection', () => {
    looks += 1
  })
  const registration = { ...SETTINGS.registration, clientIdMetadata: trusting(documents) }
  scene = await startScene({ publicUrl: PUBLIC, settings: { registration } })
})
beforeEach(() => {
  id = documents.newId()
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await scene.close()
  await documents.close()
  pictures.close()
})

function publish(changes: Readonly<Record<string, unknown>>): void {
  documents.respond = (_request, response) => sendDocument(response, documentOf(id, changes))
}

const urlTo = (redirectUri: string) => scene.authorizeUrl(id, { redirect_uri: redirectUri })
const ELSEWHERE = 'This returns to a different site from the one the app comes from.'
const DEVICE = 'Any program on this device could use this name.'

test('CIM-06: publisher, host and whole address of the redirect, on both pages', async () => {
  publish({ client_name: 'Claude Code' })
  const agent = agentOf(scene)
  const url = urlTo('http://localhost:51823/callback')
  for (const page of [await openSignIn(agentOf(scene), url), await signIn(agent, url)]) {
    expect(page.body).toMatch(/<dt>App<\/dt><dd>Claude Code<\/dd>/)
    expect(page.body).toContain(`<dt>From</dt><dd><strong>${documents.host}</strong></dd>`)
    expect(page.body).toContain('<strong>localhost:51823</strong>')
    expect(page.body).toContain('http://localhost:51823/callback')
    expect(page.body).toContain(DEVICE)
  }
})

test('A34, CIM-06: another program with the document of a known client, at a port of its own', async () => {
  publish({ client_name: 'Claude Code' })
  const agent = agentOf(scene)
  await allow(agent, await signIn(agent, urlTo('http://127.0.0.1:1111/callback')))
  const impostor = await agent.follow(await agent.get(urlTo('http://127.0.0.1:2222/callback')))
  expect(impostor.body).toContain('Claude Code wants to use mcp.example.com/notes/mcp again')
  expect(impostor.body).toContain('<strong>127.0.0.1:2222</strong>')
  expect(impostor.body).toContain(DEVICE)
})

test.each([
  ['another host', 'https://evil.example.com/callback'],
  ['a host that looks alike', 'https://127.0.0.1.evil.example.com/'],
  ['another host of this network', 'https://192.168.0.9:1/callback'],
])('A31: a redirect to %s than the document has is warned of', async (_where, uri) => {
  publish({ redirect_uris: [uri] })
  const agent = agentOf(scene)
  for (const page of [await openSignIn(agentOf(scene), urlTo(uri)), await signIn(agent, urlTo(uri))]) {
    expect(page.body).toContain(`<strong>${new URL(uri).host}</strong>`)
    expect(page.body).toContain(ELSEWHERE)
  }
})

test.each([
  ['https://client.example.com/doc.json', 'https://client.example.com/callback', false],
  ['https://client.example.com/doc.json', 'https://www.client.example.com/callback', true],
  ['https://client.example.com/doc.json', 'https://client.example.com:8443/callback', true],
  ['registered-client', 'https://client.example.com/callback', false],
])('A31: %s and %s: warned %s', (clientId, redirectUri, isWarned) => {
  const shown = String(clientWarning(localeFor(undefined), { id: clientId, name: 'A client', redirectUri }))
  expect(shown.includes(ELSEWHERE)).toBe(isWarned)
})

test('CIM-06: letters that look like others are shown for what they are', async () => {
  const uri = 'https://xn--80ak6aa92e.com/callback'
  publish({ redirect_uris: [uri] })
  expect((await openSignIn(agentOf(scene), urlTo(uri))).body).toContain('<strong>xn--80ak6aa92e.com</strong>')
})

test('A25, CIM-05: a picture at an address of this network is neither fetched nor shown', async () => {
  publish({ client_name: 'Google', logo_uri: pictureUrl, client_uri: 'https://google.com/' })
  const agent = agentOf(scene)
  const page = await signIn(agent, urlTo('http://localhost:1/callback'))
  expect(page.body).toContain('Google')
  expect(page.body).not.toMatch(/<img|logo\.png|google\.com|url\((?!#)/i)
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  expect(looks).toBe(0)
})

test('A25: a picture by plain http makes a document unfit', async () => {
  publish({ logo_uri: 'http://169.254.169.254/logo.png' })
  const answer = await agentOf(scene).get(urlTo('http://localhost:1/callback'))
  expect([answer.status, answer.location]).toEqual([400, undefined])
})

test.each(['javascript:alert(1)', 'data:image/png;base64,x'])(
  'A25: a picture at %s is left out',
  async (logo) => {
    publish({ logo_uri: logo })
    const page = await openSignIn(agentOf(scene), urlTo('http://localhost:1/callback'))
    expect(page.body).not.toContain(logo)
  },
)

/** Longer than a document is kept that says nothing about it. */
const READING_SECONDS = 66

test('A32, CIM-06: a person who reads for longer than the document is kept goes on as before', async () => {
  publish({ client_name: 'Claude Code' })
  const agent = agentOf(scene)
  const page = await openSignIn(agent, urlTo('http://localhost:1/callback'))
  later(READING_SECONDS)
  const signedIn = await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
  const consent = await agent.follow(signedIn)
  later(READING_SECONDS)
  expect((await agent.get(consent.url)).body).toContain(
    '<title>Claude Code wants to use mcp.example.com/notes/mcp</title>',
  )
  expect((await allow(agent, consent)).searchParams.has('code')).toBe(true)
})

test('A32, CIM-06: of a document that is gone meanwhile the pages say no more than where it stood', async () => {
  publish({ client_name: 'Claude Code' })
  const agent = agentOf(scene)
  const page = await openSignIn(agent, urlTo('http://localhost:1/callback'))
  later(READING_SECONDS)
  documents.respond = (_request, response) => response.writeHead(500).end()
  const again = await agent.get(page.url)
  expect([again.status, again.body.includes('Claude Code')]).toEqual([200, false])
  expect(again.body).toContain(`<strong>${documents.host}</strong>`)
})

test('A32, H3: whoever looks at a page again and again makes us fetch no more than their allowance', async () => {
  publish({ client_name: 'Claude Code' })
  const agent = agentOf(scene)
  const page = await openSignIn(agent, urlTo('http://localhost:1/callback'))
  later(READING_SECONDS)
  documents.respond = (_request, response) => response.writeHead(500).end()
  documents.asked.length = 0
  scene.clock.now += READING_SECONDS * 1_000
  const from = { 'x-test-address': '192.0.2.9' }
  for (let looks = 0; looks < 70; looks += 1) expect((await agent.get(page.url, from)).status).toBe(200)
  expect(documents.asked).toHaveLength(60)
})
