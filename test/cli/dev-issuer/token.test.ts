// `portcullis token`: what it mints, where it keeps its key, and where it refuses to serve.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { run as token } from '../../../src/cli/dev-issuer/token.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const AUD = 'http://127.0.0.1:8080/notes/mcp'
const KEY = '.portcullis/dev-issuer.jwk'

async function mint(args: readonly string[], cwd = folderWith({})) {
  const io = recordingIo({ cwd })
  expect(await token(args, io)).toBe(0)
  const text = io.out().trim()
  return { io, cwd, text, header: decodeProtectedHeader(text), claims: decodeJwt(text) }
}

describe('portcullis token', () => {
  test('RFC 9068: mints an at+jwt with every required claim', async () => {
    const { header, claims } = await mint(['--aud', AUD, '--scope', 'a b', '--scope', 'c', '--sub', 'ann'])
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) })
    const { iat = 0, exp, ...rest } = claims
    expect(rest).toEqual({
      iss: 'http://127.0.0.1:9000',
      sub: 'ann',
      aud: AUD,
      client_id: 'dev-client',
      scope: 'a b c',
      jti: expect.any(String),
    })
    expect(exp).toBe(iat + 3600)
  })

  test('takes issuer, client, life and several audiences', async () => {
    const { claims } = await mint([
      '--aud',
      AUD,
      '--aud',
      'urn:x',
      '--issuer',
      'http://i',
      '--client',
      'c',
      '--ttl',
      '15m',
    ])
    expect(claims).toMatchObject({ iss: 'http://i', client_id: 'c', aud: [AUD, 'urn:x'], scope: '' })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900)
  })

  test('--json prints a token response', async () => {
    const io = recordingIo()
    expect(await token(['--aud', AUD, '--scope', 'a', '--json'], io)).toBe(0)
    expect(JSON.parse(io.out())).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'a',
    })
  })

  test('keeps its key, readable by nobody else, and uses it again', async () => {
    const first = await mint(['--aud', AUD])
    expect(statSync(join(first.cwd, KEY)).mode & 0o777).toBe(0o600)
    expect(first.io.err()).toBe(`made a new development key: ${KEY}\n`)
    const second = await mint(['--aud', AUD], first.cwd)
    expect(second.header.kid).toBe(first.header.kid)
    expect(second.io.err()).toBe('')
  })

  test.each([
    ['no JSON', 'hello'],
    ['a public key', '{"kty":"EC","crv":"P-256","x":"a","y":"b"}'],
    ['a key that is broken', '{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}'],
  ])('a key file with %s is a finding, and stays as it is', async (_, text) => {
    const cwd = folderWith({ 'k.jwk': text })
    const io = recordingIo({ cwd })
    expect(await token(['--aud', AUD, '--key', 'k.jwk'], io)).toBe(1)
    expect(io.err()).toMatch(/k\.jwk .*delete it and a new one is made/)
    expect(readFileSync(join(cwd, 'k.jwk'), 'utf8')).toBe(text)
  })

  test('a folder that cannot be made is a finding', async () => {
    const cwd = folderWith({})
    writeFileSync(join(cwd, 'file'), '')
    const io = recordingIo({ cwd })
    expect(await token(['--aud', AUD, '--key', 'file/k.jwk'], io)).toBe(1)
    expect(io.err()).toMatch(/cannot (read|write) the key file/)
  })

  test.each([
    [[], 'needs --aud URL'],
    [['--aud', AUD, '--ttl', '0s'], '--ttl 0s: expected a time'],
    [['--aud', AUD, '--ttl', '25h'], 'at most 24h'],
    [['--aud', AUD, '--ttl', 'soon'], '--ttl soon: expected a time'],
    [['--aud', AUD, '--scope', 'a"b'], '--scope a"b: not a scope'],
    [['--serve', '0.0.0.0:9000'], 'loopback address'],
    [['--serve', '192.168.1.2:9000'], 'loopback address'],
    [['--serve', '127.0.0.1.evil.example:9000'], 'loopback address'],
    [['--serve', '[::]:9000'], 'loopback address'],
    [['--serve', '9000'], 'loopback address'],
    [['--serve', '127.0.0.1:70000'], 'loopback address'],
  ])('%j is wrong use', async (args, message) => {
    const io = recordingIo()
    expect(await token(args, io)).toBe(2)
    expect(io.err()).toContain(message)
    expect(io.out()).toBe('')
  })

  test('--serve publishes what --aud signs with, says loudly what it is, and ends when asked', async () => {
    const { cwd, header } = await mint(['--aud', AUD])
    const io = recordingIo({ cwd })
    const serving = token(['--serve', '127.0.0.1:0'], io)
    const [, issuer] = await io.seen(/^issuer +(\S+)$/m)
    expect(io.out()).toMatch(/^DEVELOPMENT ISSUER: approves every login at once/)
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] }
    expect(keys.map(({ kid }) => kid)).toEqual([header.kid])
    expect(io.err()).toBe('GET /jwks 200\n')
    io.interrupt()
    expect(await serving).toBe(0)
    await expect(fetch(`${issuer}/jwks`)).rejects.toThrow()
  })

  test('a port that is taken is a finding', async () => {
    const first = recordingIo()
    const serving = token(['--serve', '127.0.0.1:0'], first)
    const [, address = ''] = await first.seen(/^issuer +http:\/\/(\S+)$/m)
    const second = recordingIo()
    expect(await token(['--serve', address], second)).toBe(1)
    expect(second.err()).toMatch(/cannot listen on .*EADDRINUSE.*choose another port/)
    first.interrupt()
    expect(await serving).toBe(0)
  })
})
