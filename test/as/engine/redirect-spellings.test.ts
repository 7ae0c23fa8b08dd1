// Redirect addresses that two readers would take for two places: none of them can be registered.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createScene, register, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.stop())

const answerTo = async (uri: string) => {
  const { status, json } = await register(scene, { redirect_uris: [uri] })
  return [status, json['error']]
}

test.each([
  ['no slashes after the scheme', 'https:evil.example/cb'],
  ['one slash', 'https:/evil.example/cb'],
  ['three slashes', 'https:///evil.example/cb'],
  ['a number for an address', 'http://2130706433/cb'],
  ['the same with https', 'https://2130706433/cb'],
  ['an address in hex', 'http://0x7f000001/cb'],
  ['an address in octal', 'http://0177.0.0.1/cb'],
  ['a short address', 'http://127.1:3000/cb'],
  ['a long IPv6 address', 'http://[0:0:0:0:0:0:0:1]/cb'],
  ['a capital scheme', 'HTTPS://c.example/cb'],
  ['a capital host', 'https://C.example/cb'],
  ['an escaped host', 'https://c%2eexample/cb'],
  ['an escaped letter', 'https://%63.example/cb'],
  ['a dot at the end of the host', 'https://c.example./cb'],
  ['an empty label', 'https://c..example/cb'],
  ['a wildcard for a host', 'https://*.example/cb'],
  ['a wildcard in a label', 'https://a*.c.example/cb'],
  ['an escaped wildcard', 'https://%2a.example/cb'],
  ['an empty user', 'https://@c.example/cb'],
  ['an empty password', 'https://:@c.example/cb'],
  ['a user that looks like a host', 'https://good.example@evil.example/cb'],
  ['a backslash for a slash', 'https:\\\\evil.example\\cb'],
  ['a backslash before the host ends', 'https://good.example\\@evil.example/cb'],
  ['an empty fragment', 'https://c.example/cb#'],
  ['an empty port', 'https://c.example:/cb'],
  ['a port with a zero before it', 'https://c.example:0443/cb'],
  ['letters beyond ASCII', 'https://exämple.com/cb'],
  ['a full-width dot', 'https://c。example/cb'],
  ['an invisible character', 'https://c\u00ad.example/cb'],
  ['Punycode that is none', 'https://xn--a-.example/cb'],
  ['Punycode in capitals', 'https://XN--exmple-cua.com/cb'],
  ['dot segments', 'https://c.example/a/../cb'],
  ['escaped dot segments', 'https://c.example/a/%2E%2e/cb'],
  ['this machine by another address', 'https://127.0.0.2/cb'],
  ['this machine by another name', 'https://app.localhost/cb'],
  ['every address of this machine', 'https://0.0.0.0/cb'],
])('A60: %s', async (_what, uri) => {
  expect(await answerTo(uri)).toEqual([400, 'invalid_redirect_uri'])
})

test.each([
  'https://c.example',
  'https://c.example/',
  'https://c.example:8443/cb?tenant=a&b=*',
  'https://c.example:443/cb',
  'https://my_app.c.example/a/b..c/.well-known',
  'https://xn--exmple-cua.com/cb',
  'https://127.c.example/cb',
  'http://localhost:80/cb',
  'http://127.0.0.1/cb',
  'http://[::1]:1234/cb',
])('registered as it stands: %s', async (uri) => {
  expect(await answerTo(uri)).toEqual([201, undefined])
})
