// `portcullis protect`: from nothing to a server that only people who signed in can use.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { pathOf } from '../../../src/cli/serve/named-server.ts'
import { post } from '../../as/clients/whole.ts'
import { freePort } from '../../support/free-port.ts'
import { startTlsFront } from '../../support/tls-front.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'
import { PASSWORD, tokenFor } from './signed-in.ts'

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'safe', arguments: {} } }

let upstream: TestUpstream

beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

describe('portcullis protect', () => {
  test('asks for the first user, prints what to paste, and a person gets a token that works', async () => {
    const listen = `127.0.0.1:${await freePort()}`
    const io = recordingIo({ answers: ['ada', PASSWORD, PASSWORD] })
    const ended = cli(['protect', upstream.url, '--listen', listen], io)
    const [, url = ''] = await io.seen(/is protected at\n\n {2}(\S+)\n/)
    expect(url).toBe(`http://${listen}/mcp`)
    expect(io.out()).toContain(`claude mcp add --transport http protected ${url}`)
    expect(io.out()).not.toContain(PASSWORD)
    expect((await post(url, CALL)).status).toBe(401)

    const token = await tokenFor(`http://${listen}`, url)
    const called = await post(url, CALL, { authorization: `Bearer ${token}` })
    expect(called.status).toBe(200)
    expect(upstream.received.at(-1)?.headers).toMatchObject({
      'x-mcp-subject': 'ada',
      'x-mcp-scopes': 'mcp:use',
    })

    io.interrupt()
    expect(await ended).toBe(0)
    const folder = join(io.cwd, '.portcullis')
    expect(statSync(folder).mode & 0o077).toBe(0)
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toMatch(/"event":"user_added".*"operator olga"/)
  })

  test('starts again without asking, since somebody may sign in already', async () => {
    const cwd = folderWith({})
    const listen = `127.0.0.1:${await freePort()}`
    const args = ['protect', upstream.url, '--listen', listen]
    const first = recordingIo({ cwd, stdin: `${PASSWORD}\n` })
    const run = cli([...args, '--user', 'ada', '--password-stdin'], first)
    await first.seen(/Ctrl-C ends it/)
    first.interrupt()
    expect(await run).toBe(0)
    const second = recordingIo({ cwd })
    const again = cli(args, second)
    await second.seen(/Ctrl-C ends it/)
    second.interrupt()
    expect(await again).toBe(0)
    const third = recordingIo({ cwd, stdin: 'another password\n' })
    const once = cli([...args, '--user', 'ada', '--password-stdin'], third)
    await third.seen(/Ctrl-C ends it/)
    expect(third.err()).toMatch(
      /ada is a user already and keeps the password; .* passwd ada --data \.portcullis/,
    )
    third.interrupt()
    expect(await once).toBe(0)
  })

  test('an upstream that is not there is told about, and protected all the same', async () => {
    const listen = `127.0.0.1:${await freePort()}`
    const io = recordingIo({ stdin: PASSWORD })
    const args = ['--listen', listen, '--user', 'ada', '--password-stdin']
    const ended = cli(['protect', `http://127.0.0.1:${await freePort()}/mcp`, ...args], io)
    await io.seen(/careful: .* cannot be asked: ECONNREFUSED/)
    io.interrupt()
    expect(await ended).toBe(0)
  })

  test('an upstream with a certificate of a private authority: --ca, and without it the cure', async () => {
    const front = await startTlsFront(upstream.url)
    const listen = `127.0.0.1:${await freePort()}`
    const cwd = folderWith({})
    const args = ['protect', `${front.origin}/mcp`, '--listen', listen]
    const first = recordingIo({ cwd, stdin: PASSWORD })
    const without = cli([...args, '--user', 'ada', '--password-stdin'], first)
    await first.seen(/careful: .*: --ca, or/)
    first.interrupt()
    expect(await without).toBe(0)
    const io = recordingIo({ cwd })
    const ended = cli([...args, '--ca', front.ca], io)
    const [, url = ''] = await io.seen(/\(\d+ tools\) is protected at\n\n {2}(\S+)\n/)
    const token = await tokenFor(`http://${listen}`, url)
    expect((await post(url, CALL, { authorization: `Bearer ${token}` })).status).toBe(200)
    io.interrupt()
    expect(await ended).toBe(0)
    await front.close()
  })

  test('an upstream that has nothing at this path: where to look', async () => {
    const listen = `127.0.0.1:${await freePort()}`
    upstream.respond = (_, response) => response.writeHead(404).end()
    const io = recordingIo({ stdin: PASSWORD })
    const ended = cli(['protect', upstream.url, '--listen', listen, '--user', 'ada', '--password-stdin'], io)
    await io.seen(/careful: initialize was answered with 404: .* Often it is \/mcp/)
    io.interrupt()
    expect(await ended).toBe(0)
  })

  const wrong: [string, string[], number, RegExp][] = [
    ['no server', [], 2, /name the MCP server/],
    ['no URL', ['localhost:3001'], 2, /is a URL, such as/],
    ['a password for nobody', ['http://127.0.0.1:1/mcp', '--password-stdin'], 2, /needs --user/],
    ['nobody to ask', ['http://127.0.0.1:1/mcp'], 1, /say who with --user/],
    ['a short password', ['http://127.0.0.1:1/mcp', '--user', 'ada', '--password-stdin'], 1, /10 characters/],
    ['no authority', ['http://127.0.0.1:1/mcp', '--ca', 'absent.pem'], 2, /--ca: cannot read absent.pem/],
    [
      'D-01: plain http for strangers',
      ['http://127.0.0.1:1/mcp', '--public-url', 'http://mcp.example.com'],
      2,
      /--public-url: .*use https/,
    ],
    [
      'another form',
      ['http://127.0.0.1:1/mcp', '--listen', '8080'],
      2,
      /protect: --listen: expected host:port/,
    ],
    [
      'an address for strangers without https',
      ['http://127.0.0.1:1/mcp', '--listen', '0.0.0.0:8080'],
      2,
      /--listen 0\.0\.0\.0:8080: .*--public-url https:/,
    ],
  ]
  test.each(wrong)('%s', async (_, args, code, told) => {
    const io = recordingIo({ stdin: 'short' })
    expect(await cli(['protect', ...args], io)).toBe(code)
    expect(io.err()).toMatch(told)
    expect(io.out()).toBe('')
  })

  test.each([
    ['http://h/mcp', '/mcp'],
    ['http://h', '/mcp'],
    ['http://h/a/b/', '/a/b'],
    ['http://h/token', '/mcp'],
    ['http://h/authorize/x', '/mcp'],
    ['http://h/.well-known/x', '/mcp'],
  ])('%s is protected at %s', (url, path) => {
    expect(pathOf({ url, ca: undefined, authorities: undefined })).toBe(path)
  })
})
