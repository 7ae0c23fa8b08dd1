// Which URLs of strangers are fetched at all: what a URL says, where its name leads, and that the address that was
// checked is the one that is called.
import { type AddressInfo, createServer, isIP, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedFetch } from '../../../src/as/engine/guarded-fetch.ts'
import { clientIdFault, isPublicAddress } from '../../../src/as/engine/public-address.ts'
import { type DocumentHost, documentOf, sendDocument, startDocumentHost } from './document-host.ts'
import { asked, begin, expectPage } from './request-context.ts'
import { createScene, pkce, type Scene } from './scene.ts'

let documents: DocumentHost
let scene: Scene
/** Stands on this machine; nobody should call. */
let canary: Server
let calls = 0
let port: number

beforeAll(async () => {
  documents = await startDocumentHost()
  scene = await createScene()
  canary = createServer((socket) => {
    calls += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  port = (canary.address() as AddressInfo).port
})
afterAll(async () => {
  await scene.stop()
  await documents.close()
  canary.close()
})

const { challenge } = pkce()

const NEVER: readonly string[] = [
  ...['http://client.example/x', 'ftp://client.example/x', 'file:///etc/passwd', 'data:application/json,{}'],
  ...['https://client.example', 'https://client.example/', 'https:client.example/x', 'https:///x'],
  ...['https://client.example/x#y', 'https://client.example/x#', 'https://client.example/x?'],
  ...['https://a@client.example/x', 'https://a:b@client.example/x', 'https://@client.example/x'],
  ...['https://client.example/a/../b', 'https://client.example/./b', 'https://client.example/a/%2e%2e/b'],
  ...['https://client.example/%2E/b', 'https://client.example\\x', '\thttps://client.example/x'],
  ...['https://client.example:22/x', 'https://client.example:8443/x', 'https://client.example:80/x'],
  ...['https://client.example:443/x', 'HTTPS://client.example/x', 'https://CLIENT.example/x'],
  ...['https://client.example./x', 'https://localhost/x', 'https://localhost./x', 'https://a.localhost/x'],
  ...['https://intranet/x', 'https://metadata/x', 'https://127.0.0.1/x', 'https://127.1/x'],
  ...['https://0x7f.1/x', 'https://0177.0.0.1/x', 'https://2130706433/x', 'https://0/x', 'https://8.8.8.8/x'],
  ...['https://169.254.169.254/x', 'https://10.0.0.1/x', 'https://172.16.0.1/x', 'https://192.168.0.1/x'],
  ...['https://100.64.0.1/x', 'https://[::1]/x', 'https://[::]/x', 'https://[::ffff:10.0.0.1]/x'],
  ...['https://[::ffff:7f00:1]/x', 'https://[64:ff9b::a9fe:a9fe]/x', 'https://[64:ff9b:1::a00:1]/x'],
  ...[
    'https://[2002:7f00:1::]/x',
    'https://[2001:0:7f00:1::]/x',
    'https://[fd00::1]/x',
    'https://[fe80::1]/x',
  ],
  ...['https://[fec0::1]/x', 'https://[2606:4700::1111]/x', 'https://１２７.０.０.１/x'],
]

describe('A27, A30, CIM-01, H9: what a URL says', () => {
  test.each(NEVER)('A27, A30, H9: %j is never fetched', (text) => {
    expect(clientIdFault(text, { allowPrivateHosts: [] })).toBeTypeOf('string')
  })

  test('A27, A30, H9: none of them is a client, and nothing on this machine is called', async () => {
    const here = [`https://127.0.0.1:${port}/x`, `https://localhost:${port}/x`, `https://[::1]:${port}/x`]
    for (const text of [...NEVER, ...here]) expectPage(await begin(scene, asked(text, challenge)))
    expect(calls).toBe(0)
  })

  test.each([
    'https://client.example/x',
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://client.example/x?v=1',
    'https://client.example/x/',
  ])('%s may be fetched', (text) => {
    expect(clientIdFault(text, { allowPrivateHosts: [] })).toBeUndefined()
  })
})

const INSIDE: readonly string[] = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1'],
  ...['203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::', '::1', '::127.0.0.1'],
  ...['::ffff:8.8.8.8', '::ffff:127.0.0.1', '64:ff9b::808:808', '64:ff9b:1::1', '100::1', '2001::1'],
  ...[
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ],
]

/** A resolver that gives these answers, one after the other, and counts. */
function resolver(...answers: readonly (readonly string[])[]) {
  const seen = { count: 0 }
  type Done = (error: null, found: readonly object[]) => void
  const resolve = (_host: string, _options: unknown, done: Done) => {
    const addresses = answers[Math.min(seen.count, answers.length - 1)] ?? []
    seen.count += 1
    done(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    )
  }
  return { seen, resolve: resolve as never }
}

async function fetchFrom(host: string, resolve: never, allowPrivateHosts: readonly string[] = []) {
  const network = createGuardedFetch({ allowPrivateHosts, ca: documents.cert, resolve })
  try {
    return await network.fetch(`https://${host}/x`, new Headers())
  } finally {
    await network.close()
  }
}

describe('A27, H9, CIM-05: where a name leads', () => {
  test.each(INSIDE)('H9: the address %s is not public', (address) =>
    expect(isPublicAddress(address)).toBe(false),
  )

  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'the address %s is',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )

  test.each([
    ['localtest.me', ['127.0.0.1']],
    ['127.0.0.1.nip.io', ['127.0.0.1']],
    ['10.0.0.1.sslip.io', ['10.0.0.1']],
    ['metadata.google.internal', ['169.254.169.254']],
    ['wiki.corp.example', ['192.168.7.7']],
    ['six.example', ['::1']],
    ['mapped.example', ['::ffff:127.0.0.1']],
    ['nat64.example', ['64:ff9b::7f00:1']],
    ['both.example', ['8.8.8.8', '127.0.0.1']],
    ['empty.example', []],
  ])('A27, H9: %s', async (host, addresses) => {
    const { seen, resolve } = resolver(addresses)
    await expect(fetchFrom(host, resolve)).rejects.toThrow(/not public/)
    expect(seen.count).toBe(1)
  })
})

describe('A28, CIM-05: what was checked is what is called', () => {
  test('A28: a name that is public when it is checked is not looked up again for the connection', async () => {
    const { seen, resolve } = resolver(['3ffe::1'], ['127.0.0.1']) // the first was given back in 2006; nobody is there
    await expect(fetchFrom('rebound.example', resolve)).rejects.not.toThrow(/not public/)
    expect(seen.count).toBe(1)
  })

  test('A28: the connection goes to the address, with the name in TLS and held against the certificate', async () => {
    const [, at] = documents.host.split(':')
    const { seen, resolve } = resolver(['127.0.0.1'], ['127.0.0.2'])
    const named = fetchFrom(`client.example:${at}`, resolve, [`client.example:${at}`])
    await expect(named).rejects.toThrow(/Hostname\/IP does not match certificate/)
    expect([seen.count, documents.names]).toEqual([1, ['client.example']])
    expect(documents.asked).toEqual([])
  })

  test('A28: each fetch is looked up for itself', async () => {
    documents.respond = (_request, response) => sendDocument(response, documentOf('x'))
    const { seen, resolve } = resolver(['127.0.0.1'])
    const host = documents.host.replace('127.0.0.1', 'localhost')
    const network = createGuardedFetch({ allowPrivateHosts: [host], ca: documents.cert, resolve })
    for (let count = 1; count <= 2; count += 1) {
      await network.fetch(`https://${host}/x`, new Headers()).catch(() => undefined)
      expect(seen.count).toBe(count)
    }
    await network.close()
  })
})
