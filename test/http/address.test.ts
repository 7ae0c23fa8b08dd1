// Whose address is counted: the peer's, or what a trusted proxy says.
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createAddressReader } from '../../src/http/address.ts'

function check(trusted: readonly string[], peer: string, forwarded?: string): string {
  const request = { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }
  return createAddressReader(trusted)(peer, request as unknown as IncomingMessage)
}

const TEN = ['10.0.0.0/8']
const SIX = ['2001:db8::/32', '::1']

const rows: readonly (readonly [string, readonly string[], string, string | undefined, string])[] = [
  ['H24 nobody is trusted', [], '10.1.1.1', '1.2.3.4', '10.1.1.1'],
  ['H24 the peer is not a proxy', TEN, '11.1.1.1', '1.2.3.4', '11.1.1.1'],
  ['S19 a trusted proxy names the client', TEN, '10.1.1.1', '1.2.3.4', '1.2.3.4'],
  [
    'S19 what the client wrote itself stands left and is not believed',
    TEN,
    '10.1.1.1',
    '6.6.6.6, 1.2.3.4',
    '1.2.3.4',
  ],
  ['S19 a chain of trusted proxies', TEN, '10.1.1.1', '1.2.3.4, 10.2.2.2', '1.2.3.4'],
  ['S19 only proxies', TEN, '10.1.1.1', '10.3.3.3, 10.2.2.2', '10.1.1.1'],
  ['S19 no header', TEN, '10.1.1.1', undefined, '10.1.1.1'],
  ['S19 an empty header', TEN, '10.1.1.1', '', '10.1.1.1'],
  ['S19 junk beside the proxy', TEN, '10.1.1.1', '1.2.3.4, unknown', '10.1.1.1'],
  ['S19 a port is no address', TEN, '10.1.1.1', '1.2.3.4:5555', '10.1.1.1'],
  ['Y24 a mapped peer is its IPv4 address', TEN, '::ffff:10.1.1.1', '1.2.3.4', '1.2.3.4'],
  ['Y24 a mapped hop is its IPv4 address', TEN, '10.1.1.1', '1.2.3.4, ::ffff:10.2.2.2', '1.2.3.4'],
  ['Y24 a mapped client is told plainly', TEN, '10.1.1.1', '::ffff:1.2.3.4', '1.2.3.4'],
  ['Y24 IPv6 ranges', SIX, '2001:db8::5', '2001:db9::1', '2001:db9::1'],
  ['Y24 one IPv6 address', SIX, '::1', '1.2.3.4', '1.2.3.4'],
  ['Y24 an IPv4 peer is in no IPv6 range', SIX, '10.1.1.1', '1.2.3.4', '10.1.1.1'],
  ['S19 at most 16 hops are read', TEN, '10.1.1.1', `1.2.3.4${', 10.2.2.2'.repeat(16)}`, '10.1.1.1'],
]

test.each(rows)('%s', (_, trusted, peer, forwarded, expected) => {
  expect(check(trusted, peer, forwarded)).toBe(expected)
})
