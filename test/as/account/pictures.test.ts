// Pictures of clients on the consent page: fetched by the server where somebody vouches for the client, looked at, and
// in the page itself; the initial where there is none.
import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type DocumentHost,
  documentOf,
  sendDocument,
  startDocumentHost,
  trusting,
} from '../engine/document-host.ts'
import { createAgent } from '../support/agent.ts'
import { clientOf, type Scene, SETTINGS, startScene } from '../support/scene.ts'

let scene: Scene
let host: DocumentHost
let picture: { status: number; type: string; body: Buffer }

const PNG = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x20\x08\0\0\0\0', 'latin1'),
  deflateSync(Buffer.alloc(64)),
])

beforeEach(async () => {
  host = await startDocumentHost()
  const clientIdMetadata = trusting(host)
  scene = await startScene({
    settings: { registration: { ...SETTINGS.registration, clientIdMetadata } },
  })
  picture = { status: 200, type: 'image/png', body: PNG }
  host.respond = (request, response) => {
    const url = `https://${host.host}${request.url}`
    if (request.url?.endsWith('.png'))
      response.writeHead(picture.status, { 'content-type': picture.type }).end(picture.body)
    else {
      const changes = { redirect_uris: [scene.callbackUrl], logo_uri: `https://${host.host}/logo.png` }
      sendDocument(response, documentOf(url, changes))
    }
  }
})
afterEach(async () => {
  await scene.close()
  await host.close()
})

async function pageFor(clientId: string): Promise<string> {
  const agent = createAgent()
  return (await agent.follow(await agent.get(scene.authorizeUrl(clientId)))).body
}

const asPage = `<img src="data:image/png;base64,${PNG.toString('base64')}" alt="">`
const initial = '<span class="icon">'

describe('the logo of a client with a metadata document', () => {
  test('is in the page, fetched once by the server; no address of it is', async () => {
    const id = host.newId()
    const first = await pageFor(id)
    expect(first).toContain(asPage)
    expect(first).not.toContain('logo.png')
    expect(await pageFor(id)).toContain(asPage)
    expect(host.asked.filter((path) => path === '/logo.png')).toEqual(['/logo.png'])
  })

  test.each<[string, Partial<typeof picture>]>([
    ['is not there', { status: 404 }],
    ['is a redirect', { status: 302 }],
    ['is an SVG', { type: 'image/svg+xml', body: Buffer.from('<svg/>') }],
    ['says PNG and is HTML', { body: Buffer.from('<script>alert(1)</script>') }],
    ['is called text', { type: 'text/html' }],
    ['is too large', { body: Buffer.concat([PNG, Buffer.alloc(65_536)]) }],
  ])('that %s leaves the initial', async (_what, change) => {
    Object.assign(picture, change)
    const page = await pageFor(host.newId())
    expect(page).toContain(initial)
    expect(page).not.toContain('<img src="data:image')
    expect(host.asked).toContain('/logo.png')
  })
})

test('A25, CIM-05: of a client that registered itself it is not looked at, and the name is marked', async () => {
  const metadata = {
    ...clientOf('stranger', 'Claude Code', scene.callbackUrl),
    logo_uri: `https://${host.host}/logo.png`,
  }
  await scene.engine.store.clients.save('stranger', 'registered', { ...metadata })
  const page = await pageFor('stranger')
  expect(page).toContain('Claude Code <span class="badge warn">not verified</span>')
  expect(page).toContain(initial)
  expect(host.asked).not.toContain('/logo.png')
})

test('what an operator made is not marked, and its logo is shown', async () => {
  const metadata = {
    ...clientOf('own', 'Our own', scene.callbackUrl),
    logo_uri: `https://${host.host}/logo.png`,
  }
  await scene.engine.store.clients.save('own', 'operator', { ...metadata })
  const page = await pageFor('own')
  expect(page).toContain(asPage)
  expect(page).not.toContain('not verified')
})
