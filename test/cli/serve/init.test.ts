// `portcullis init`: what it writes loads as it stands, opens what the server says reads, and nothing that nobody named.
import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { initConfig } from '../../../src/cli/serve/init-config.ts'
import { freePort } from '../../support/free-port.ts'
import { startTlsFront } from '../../support/tls-front.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { folderWith, type RecordingOptions, recordingIo } from '../shared/recording-io.ts'

let upstream: TestUpstream

/** A server of the handshake era with these tools. */
async function serveTools(tools: readonly object[], title?: string): Promise<void> {
  upstream = await startUpstream()
  upstream.respond = ({ body }: { readonly body: Buffer }, response: ServerResponse) => {
    const { id, method } = JSON.parse(body.toString() || '{}') as { id?: number; method?: string }
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1', title },
      },
      'tools/list': { tools },
    }
    const result = method === undefined ? undefined : results[method]
    const isModern = method === 'server/discover'
    const answer = result === undefined ? { error: { code: -32601, message: 'no' } } : { result }
    response
      .writeHead(id === undefined ? 202 : isModern ? 400 : 200, { 'content-type': 'application/json' })
      .end(id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  }
}

beforeEach(() =>
  serveTools([
    { name: 'list_notes', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
    { name: 'add_note', inputSchema: { type: 'object' } },
    { name: 'all*\n- evil', inputSchema: { type: 'object' } },
  ]),
)
afterEach(() => upstream.close())

async function run(args: readonly string[], options: RecordingOptions = {}) {
  const io = recordingIo(options)
  const code = await cli(['init', ...args], io)
  return { code, out: io.out(), err: io.err(), cwd: io.cwd }
}

describe('portcullis init', () => {
  test('writes a file that check accepts, with the tools in their rules', async () => {
    const { code, out, cwd } = await run([upstream.url])
    expect([code, out]).toEqual([0, expect.stringContaining('gateway.yaml is written, with 3 tools')])
    const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
    expect(text).toMatch(/- name: reading\n.*\n +tools:\n +- "list_notes"\n/)
    expect(text).toMatch(/- name: writing\n.*\n +tools:\n +- "add_note"\n/)
    expect(text).toContain('# Left out, for their names: "all*\\n- evil"')
    const io = recordingIo({ cwd })
    expect(await cli(['check'], io)).toBe(0)
    expect(io.err()).toBe('')
  })

  test('what clients type says where it listens; https means a proxy, which is believed', async () => {
    const here = await run([upstream.url, '-o', '-', '--public-url', 'http://localhost:3000'])
    expect(here).toMatchObject({ code: 0, err: '', out: expect.stringContaining('listen: "127.0.0.1:3000"') })
    expect(here.out).not.toContain('trusted_proxies')
    const { code, out, err, cwd } = await run([upstream.url, '--public-url', 'https://mcp.example.com'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('port 8080 of 127.0.0.1, where the proxy for https://mcp.example.com passes')
    const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
    expect(text).toMatch(/listen: "127\.0\.0\.1:8080"\n.*\ntrusted_proxies: \["127\.0\.0\.1"\]\n/)
    const io = recordingIo({ cwd })
    expect([await cli(['check'], io), io.err()]).toEqual([0, ''])
  })

  test('--listen, --admin and --trusted-proxies stand in the file; where they do not fit, it is told', async () => {
    const elsewhere = [
      '--listen',
      '0.0.0.0:8443',
      '--admin',
      '127.0.0.1:9191',
      '--trusted-proxies',
      '10.0.0.0/8,::1',
    ]
    const named = await run([
      upstream.url,
      '-o',
      '-',
      '--public-url',
      'https://mcp.example.com',
      ...elsewhere,
    ])
    expect(named).toMatchObject({ code: 0, err: '' })
    for (const line of [
      'listen: "0.0.0.0:8443"',
      'listen: "127.0.0.1:9191"',
      'proxies: ["10.0.0.0/8", "::1"]',
    ])
      expect(named.out).toContain(line)
    const unknown = await run([
      upstream.url,
      '-o',
      '-',
      '--public-url',
      'https://a.example',
      '--listen',
      '0.0.0.0:80',
    ])
    expect(unknown).toMatchObject({
      code: 0,
      err: expect.stringMatching(/warning: .*Name it, such as trusted_p/),
    })
    const alone = await run([upstream.url, '-o', '-', '--listen', '127.0.0.1:9000'])
    expect(alone).toMatchObject({ err: '', out: expect.stringContaining('"http://127.0.0.1:9000"') })
    const typed = ['--public-url', 'http://127.0.0.1:8080', '--listen', '127.0.0.1:9000']
    const differing = await run([upstream.url, '-o', '-', ...typed])
    expect(differing.err).toMatch(
      /warning: clients that type this reach port 8080 .* listens on 127\.0\.0\.1:9000/,
    )
  })

  test('the words and titles of the server; what runs commands or gives out secrets stays closed', async () => {
    await upstream.close()
    const inputSchema = { type: 'object' }
    await serveTools(
      [
        { name: 'list_notes', title: 'List notes', inputSchema, annotations: { readOnlyHint: true } },
        { name: 'get-env', title: 'Print\n- evil', inputSchema, annotations: { readOnlyHint: true } },
      ],
      'Notes of Ada',
    )
    const { code, out, err } = await run([upstream.url, '-o', '-'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('"server:read": "Look at what Notes of Ada has: List notes"')
    expect(out).toContain('- "list_notes" # List notes\n')
    expect(out).toMatch(/- name: sensitive\n +effect: deny\n +tools:\n +- "get-env" # Print\\u\{a\}- evil\n/)
  })

  test('asks at a terminal; an issuer elsewhere', async () => {
    const answers = [upstream.url, 'https://mcp.example.com', 'https://login.example.com']
    const { code, cwd } = await run([], { answers })
    expect(code).toBe(0)
    const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
    expect(text).toContain('public_url: "https://mcp.example.com"')
    expect(text).toContain('corp: { issuer: "https://login.example.com" }')
    expect(text).not.toContain('authorization_server')
  })

  test('a server that is not there: nothing is open, and the file still loads', async () => {
    const { code, out } = await run([`http://127.0.0.1:${await freePort()}/notes/mcp`, '-o', '-'])
    expect(code).toBe(0)
    expect(out).toContain('# No tool is open yet: ')
    expect(out).not.toContain('tools:\n            - "*"')
  })

  test('a private authority: named with --ca, and by the file; without it the cure is told', async () => {
    const front = await startTlsFront(upstream.url)
    const url = `${front.origin}/mcp`
    const without = await run([url])
    expect([without.code, without.out]).toEqual([0, expect.stringMatching(/no tools, since .*: --ca, or/)])
    const { code, out, cwd } = await run([url, '--ca', front.ca])
    expect([code, out]).toEqual([0, expect.stringContaining('gateway.yaml is written, with 3 tools')])
    expect(readFileSync(join(cwd, 'gateway.yaml'), 'utf8')).toContain(
      `transport: http, ca: "file:${front.ca}" }`,
    )
    expect(await cli(['check'], recordingIo({ cwd }))).toBe(0)
    await front.close()
    expect(await run([url, '--ca', front.ca])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--ca: cannot/),
    })
  })

  test('never writes over a file, unless told to', async () => {
    const cwd = folderWith({ 'gateway.yaml': 'mine' })
    expect(await run([upstream.url], { cwd })).toMatchObject({ code: 1 })
    expect(readFileSync(join(cwd, 'gateway.yaml'), 'utf8')).toBe('mine')
    expect(await run([upstream.url, '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'gateway.yaml'), 'utf8')).toContain('list_notes')
  })

  test('a folder that is not there', async () => {
    const { code, err } = await run([upstream.url, '-o', 'absent/gateway.yaml'])
    expect([code, err]).toEqual([1, 'portcullis init: absent/gateway.yaml cannot be written: ENOENT\n'])
  })

  test.each<[string, string[], RegExp]>([
    ['no server', [], /name the MCP server/],
    ['no URL', ['localhost'], /is a URL, such as/],
    ['plain http for strangers', ['http://127.0.0.1:1/mcp', '--public-url', 'http://a.example'], /use https/],
  ])('%s', async (_, args, told) => {
    const { code, err, cwd } = await run(args)
    expect([code, err]).toEqual([2, expect.stringMatching(told)])
    expect(existsSync(join(cwd, 'gateway.yaml'))).toBe(false)
  })

  test('words of a server end no comment', () => {
    const look = { ok: false, problem: 'no\n  evil: true' } as const
    const text = initConfig(
      {
        server: { url: 'http://h/mcp', ca: undefined, authorities: undefined },
        publicUrl: 'http://127.0.0.1:8080',
        listen: '127.0.0.1:8080',
        trustedProxies: [],
        admin: '127.0.0.1:9090',
        issuer: undefined,
        preview: look,
      },
      '/',
    )
    expect(text.split('\n').filter((line) => /^\s*evil/.test(line))).toEqual([])
  })
})
