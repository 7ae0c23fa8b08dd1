// What is this machine: four questions, which differ where a spelling, a name below localhost or a port stands.
import { describe, expect, test } from 'vitest'
import {
  isLoopback,
  isLoopbackAuthority,
  isLoopbackHost,
  isLoopbackOrigin,
  isLoopbackRedirectHost,
} from '../../src/lib/loopback.ts'

/** A host; whether it may be this machine, whether it is, and whether a client on it may be redirected to. */
const HOSTS: readonly (readonly [host: string, may: boolean, is: boolean, redirect: boolean])[] = [
  ['localhost', true, true, true],
  ['127.0.0.1', true, true, true],
  ['[::1]', true, true, true],
  ['127.9.9.9', true, true, false],
  ['a.localhost', true, false, false],
  ['LOCALHOST', true, false, false], // a URL has it in lower case
  ['::1', true, false, false],
  ['[::ffff:7f00:1]', true, false, false],
  ...['localhost.example', '127.0.0.1.example', '0.0.0.0', '::', '10.0.0.1', 'example.com', '', '[::2]'].map(
    (host) => [host, false, false, false] as const,
  ),
]

test.each(HOSTS)('%j', (host, may, is, redirect) => {
  expect(isLoopback(host)).toBe(may)
  expect(isLoopbackHost(host)).toBe(is)
  expect(isLoopbackRedirectHost(host)).toBe(redirect)
})

/** As a Host field has it; an Origin puts a scheme before. */
const FIELDS: readonly (readonly [authority: string, isThisMachine: boolean])[] = [
  ...['localhost', 'LocalHost', '127.0.0.1', '[::1]', 'localhost:8080', '127.0.0.1:1', '[::1]:65535'].map(
    (authority) => [authority, true] as const,
  ),
  ...['', ':80', 'localhost:', 'localhost:123456', 'localhost:80:80', 'localhost:8x', 'localhost.'].map(
    (authority) => [authority, false] as const,
  ),
  ...['::1', '127.0.0.2', 'a.localhost', 'localhost.example', 'localhost:80.example', ' localhost'].map(
    (authority) => [authority, false] as const,
  ),
  ['localhost\n', false],
]

describe('K09, ORG-02: Host and Origin', () => {
  test.each(FIELDS)('%j', (authority, isThisMachine) => {
    expect(isLoopbackAuthority(authority)).toBe(isThisMachine)
    for (const scheme of ['http://', 'https://', 'HTTPS://'])
      expect(isLoopbackOrigin(scheme + authority)).toBe(isThisMachine)
  })

  test.each(['localhost', 'ftp://localhost', 'null', '', 'http:localhost', 'http://localhost/'])(
    '%j is no origin of this machine',
    (origin) => expect(isLoopbackOrigin(origin)).toBe(false),
  )
})
