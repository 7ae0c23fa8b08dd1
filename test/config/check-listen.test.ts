// Whether who types public_url reaches the listener: a warning where they differ and the file does not say why.
import { expect, test } from 'vitest'
import { checkListen } from '../../src/config/check-listen.ts'
import type { Settings } from '../../src/core/settings.ts'
import { settingsWith } from '../policy/settings.ts'

const TLS = { cert: '/c', key: '/k' }

function warningOf(publicUrl: string, host: string, port: number, more: Partial<Settings> = {}) {
  const settings = { ...settingsWith({ policy: {} }), publicUrl, listen: { host, port }, ...more }
  return checkListen(settings).map(({ severity, path, message }) => {
    expect([severity, path]).toEqual(['warning', ['public_url']])
    return message
  })
}

test.each<[string, string, number, Partial<Settings>?]>([
  ['http://127.0.0.1:8080', '127.0.0.1', 8080],
  ['http://localhost:8080', '127.0.0.1', 8080],
  ['http://localhost:8080', '::1', 8080],
  ['http://127.0.0.1:8080', 'localhost', 8080],
  ['http://[::1]:8080', '::', 8080],
  ['http://127.0.0.1:8080', '0.0.0.0', 8080],
  ['http://127.0.0.1', '127.0.0.1', 80],
  ['http://127.0.0.1:3000', '127.0.0.1', 0],
  ['http://127.0.0.1:3000', '0.0.0.0', 8080, { trustedProxies: ['172.17.0.1'] }],
  ['https://mcp.example.com', '127.0.0.1', 8080],
  ['https://mcp.example.com', '0.0.0.0', 443, { tls: TLS }],
  ['https://mcp.example.com:8443', '10.0.0.7', 8443, { tls: TLS }],
  ['https://mcp.example.com', '0.0.0.0', 8443, { tls: TLS, trustedProxies: ['10.0.0.1'] }],
])('%s is served at %s:%i', (publicUrl, host, port, more) => {
  expect(warningOf(publicUrl, host, port, more)).toEqual([])
})

test.each<[string, string, number, string, Partial<Settings>?]>([
  [
    'http://127.0.0.1:3000',
    '127.0.0.1',
    8080,
    'port 3000 of 127.0.0.1, and the gateway listens on 127.0.0.1:8080',
  ],
  ['http://localhost', '::1', 8080, 'port 80 of localhost, and the gateway listens on [::1]:8080'],
  ['http://127.0.0.1:8080', '::1', 8080, 'port 8080 of 127.0.0.1, and the gateway listens on [::1]:8080'],
  ['http://127.0.0.1:8080', '10.0.0.7', 8080, 'listens on 10.0.0.7:8080'],
  ['https://mcp.example.com', '0.0.0.0', 8443, 'port 443 of mcp.example.com', { tls: TLS }],
  ['https://mcp.example.com', '127.0.0.1', 443, 'listens on 127.0.0.1:443', { tls: TLS }],
  ['http://127.0.0.1:8080', '127.0.0.1', 8080, 'speak http, and the gateway speaks https', { tls: TLS }],
])('%s is not served at %s:%i', (publicUrl, host, port, message, more) => {
  expect(warningOf(publicUrl, host, port, more)).toEqual([expect.stringContaining(message)])
})
