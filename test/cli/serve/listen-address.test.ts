// Where `init` and `protect` listen for what clients type: what they derive is what `check` takes for right.
import { expect, test } from 'vitest'
import { reachFromOptions } from '../../../src/cli/serve/listen-address.ts'
import { checkListen } from '../../../src/config/check-listen.ts'
import { checkProxyInFront } from '../../../src/config/check-shares.ts'
import { settingsWith } from '../../policy/settings.ts'

test.each([
  ['http://127.0.0.1:8080', '127.0.0.1:8080', []],
  ['http://127.0.0.1:9000', '127.0.0.1:9000', []],
  ['http://127.0.0.1', '127.0.0.1:80', []],
  ['http://localhost:3000', '127.0.0.1:3000', []],
  ['http://mcp.localhost:3000', '127.0.0.1:3000', []],
  ['http://[::1]:3000', '[::1]:3000', []],
  ['https://mcp.example.com', '127.0.0.1:8080', ['127.0.0.1']],
  ['https://mcp.example.com:8443', '127.0.0.1:8080', ['127.0.0.1']],
  ['https://localhost:8080', '127.0.0.1:8081', ['127.0.0.1']],
])('%s: %s', (publicUrl, listen, proxies) => {
  expect(reachFromOptions({ 'public-url': publicUrl })).toEqual({
    publicUrl,
    listen,
    trustedProxies: proxies,
  })
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(listen) ?? []
  const derived = { publicUrl, listen: { host, port: Number(port) }, trustedProxies: proxies }
  const settings = { ...settingsWith({ policy: {} }), ...derived }
  expect([...checkListen(settings), ...checkProxyInFront(settings)]).toEqual([])
})

test('what is no URL is left to the checks; a proxy elsewhere is not guessed', () => {
  expect(reachFromOptions({ 'public-url': 'mcp.example.com' }).listen).toBe('127.0.0.1:8080')
  const behind = (listen: string) =>
    reachFromOptions({ 'public-url': 'https://mcp.example.com', listen }).trustedProxies
  expect(behind('0.0.0.0:8080')).toEqual([])
  expect(behind('[::1]:8080')).toEqual(['::1'])
})

test('what is said goes first', () => {
  expect(reachFromOptions({ listen: '127.0.0.1:9000' }).publicUrl).toBe('http://127.0.0.1:9000')
  const proxies = ['127.0.0.1, 10.0.0.0/8', '::1']
  expect(
    reachFromOptions({ 'public-url': 'https://a.example', 'trusted-proxies': proxies }).trustedProxies,
  ).toEqual([...['127.0.0.1', '10.0.0.0/8', '::1']])
})
