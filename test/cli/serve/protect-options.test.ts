// `portcullis protect`: the admin port, proxies in front, and the web page of the Inspector.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { INSPECTOR_ORIGINS } from '../../../src/cli/shared/inspector.ts'
import { freePort } from '../../support/free-port.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { recordingIo } from '../shared/recording-io.ts'
import { PASSWORD } from './signed-in.ts'

let upstream: TestUpstream

beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

/** What it says, and what `ask` found while it served. */
async function protect<T>(
  args: readonly string[],
  ask: (origin: string, said: string) => Promise<T>,
  url = upstream.url,
) {
  const listen = `127.0.0.1:${await freePort()}`
  const io = recordingIo({ stdin: PASSWORD })
  const user = ['--user', 'ada', '--password-stdin']
  const ended = cli(['protect', url, '--listen', listen, ...user, ...args], io)
  await io.seen(/Ctrl-C ends it/)
  const asked = await ask(`http://${listen}`, io.out())
  io.interrupt()
  expect(await ended).toBe(0)
  return {
    asked,
    out: io.out(),
    err: io.err(),
    audit: readFileSync(join(io.cwd, '.portcullis/audit.jsonl'), 'utf8'),
  }
}

function preflight(origin: string, page: string): Promise<string | null> {
  const headers = { origin: page, 'access-control-request-method': 'POST' }
  return fetch(`${origin}/mcp`, { method: 'OPTIONS', headers }).then((answer) =>
    answer.headers.get('access-control-allow-origin'),
  )
}

describe('portcullis protect', () => {
  test('prints where health and metrics are; --admin says where', async () => {
    const { asked } = await protect([], async (_, said) => {
      const [, admin] = /Health and metrics: (\S+)\/readyz/.exec(said) ?? []
      return (await fetch(`${admin}/readyz`)).status
    })
    expect(asked).toBe(200)
    const port = await freePort()
    const chosen = await protect(['--admin', `127.0.0.1:${port}`], async () =>
      (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    )
    expect(chosen.out).toContain(`http://127.0.0.1:${port}/metrics`)
    expect(chosen.asked).toContain('portcullis_decisions_total')
  })

  test('the page of the Inspector may call where its line is printed', async () => {
    const { asked, out } = await protect([], (origin) =>
      Promise.all([...INSPECTOR_ORIGINS, 'http://localhost:6275'].map((page) => preflight(origin, page))),
    )
    expect(out).toContain('npx @modelcontextprotocol/inspector --transport http')
    expect(asked).toEqual([...INSPECTOR_ORIGINS, null])
  })

  test('and nowhere else', async () => {
    const { asked, out, err } = await protect(['--public-url', 'https://mcp.example.com'], (origin) =>
      Promise.all(INSPECTOR_ORIGINS.map((page) => preflight(origin, page))),
    )
    expect(out).not.toContain('inspector')
    expect(asked).toEqual([null, null])
    expect(err).toBe('')
  })

  test('a proxy on this machine is believed; others when they are named, and only they', async () => {
    const ask = (origin: string) =>
      fetch(`${origin}/mcp`, { method: 'POST', headers: { 'x-forwarded-for': '192.0.2.7' } })
    const behind = await protect(['--public-url', 'https://mcp.example.com'], ask)
    expect(behind.audit).toContain('"address":"192.0.2.7"')
    const named = await protect(['--trusted-proxies', '10.0.0.0/8,127.0.0.1'], ask)
    expect(named.audit).toContain('"address":"192.0.2.7"')
    const alone = await protect([], ask)
    expect(alone.audit).toContain('"address":"127.0.0.1"')
    expect(alone.audit).not.toContain('192.0.2.7')
  })

  test('HTTP+SSE: lines for clients that speak it', async () => {
    const { out } = await protect([], async () => undefined, upstream.url.replace('/mcp', '/sse'))
    expect(out).toContain('claude mcp add --transport sse protected ')
    expect(out).toContain('inspector --transport sse ')
    expect(out).toContain('"type": "sse", "url"')
    expect(out).not.toContain('codex')
  })

  test('a warning of the configuration is told, by its option', async () => {
    const { err } = await protect(['--public-url', 'http://127.0.0.1:9'], async () => undefined)
    expect(err).toMatch(
      /^portcullis protect: --public-url: clients that type this reach port 9 of 127\.0\.0\.1, and/,
    )
  })

  test.each<[string, string[], RegExp]>([
    ['an admin port that others reach', ['--admin', '0.0.0.0:9090'], /--admin: .* needs a token/],
    ['an address of another form', ['--admin', '9090'], /--admin: expected host:port/],
    [
      'no range',
      ['--trusted-proxies', '10.0.0.0/8,proxy'],
      /--trusted-proxies: expected an address or a range/,
    ],
    ['nobody', ['--trusted-proxies', ''], /--trusted-proxies: expected an address or a range/],
    ['nothing to write over', ['--force'], /--force goes with --write/],
  ])('%s', async (_, args, told) => {
    const io = recordingIo()
    expect(await cli(['protect', upstream.url, ...args], io)).toBe(2)
    expect(io.err()).toMatch(told)
    expect(io.out()).toBe('')
  })
})
