// Pictures of clients and servers on the consent page: fetched by the server where somebody vouches for the client, looked
// at, and in the page itself; the initial where there is none.
import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImageUrl } from '../../../src/core/branding.ts'
import {
  type DocumentHost,
  documentOf,
  sendDocument,
  startDocumentHost,
  trusting,
} from '../engine/document-host.ts'
import { createAgent } from '../support/agent.ts'
import { clientOf, RESOURCE, routeOf, type Scene, SETTINGS, startScene } from '../support/scene.ts'

let scene: Scene
let host: DocumentHost
let serverIcon: { readonly icon?: ImageUrl; readonly iconUrl?: string }
let picture: { status: number; type: string; body: Buffer }

const PNG = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x20\x08\0\0\0\0', 'latin1'),
  deflateSync(Buffer.alloc(64)),
])

beforeEach(async () => {
  host = await startDocumentHost()
  const clientIdMetadata = trusting(host)
  serverIcon = {}
  const route = routeOf(RESOURCE, ['notes:read'])
  scene = await startScene({
    settings: { registration: { ...SETTINGS.registration, clientIdMetadata } },
    routes: [{ ...route, describe: async () => ({ title: 'Notes', dangers: new Map(), ...serverIcon }) }],
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

describe('the picture that a server names for itself', () => {
  const atHost = (path: string) => ({ iconUrl: `https://${host.host}${path}` })

  test('is in the page, fetched once by the server; no address of it is', async () => {
    serverIcon = atHost('/server.png')
    const first = await pageFor('client-1')
    expect(first).toContain(asPage)
    expect(first).not.toContain('server.png')
    await pageFor('client-1')
    expect(host.asked).toEqual(['/server.png'])
  })

  test('is not fetched where the file names one', async () => {
    serverIcon = { ...atHost('/server.png'), icon: 'data:image/png;base64,AAAA' }
    expect(await pageFor('client-1')).toContain('<img src="data:image/png;base64,AAAA" alt="">')
    expect(host.asked).toEqual([])
  })

  test('leaves the initial where it is an SVG that is called PNG', async () => {
    picture = { ...picture, body: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }
    serverIcon = atHost('/server.png')
    expect(await pageFor('client-1')).not.toContain('<img')
    expect(host.asked).toEqual(['/server.png'])
  })

  test.each(['http://169.254.169.254/icon.png', 'https://127.0.0.1/icon.png', 'https://localhost/icon.png'])(
    'CIM-05: is not fetched from %s',
    async (iconUrl) => {
      serverIcon = { iconUrl }
      const page = await pageFor('client-1')
      expect([page.includes('<img'), page.includes(initial)]).toEqual([false, true])
    },
  )
})
