// `protect` and `init` with a server that is a program (stdio): it is looked at, protected, and written into a file that starts
// nothing until it is run.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { routeNameOf } from '../../../src/cli/serve/named-server.ts'
import { freePort } from '../../support/free-port.ts'
import { isThere, PLAIN, textOf, toolMessage } from '../../support/program/client.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'
import { PASSWORD, tokenFor } from './signed-in.ts'

const ENV = { PATH: process.env['PATH'] ?? '', A_KEY: 'of-the-person' }
const PROGRAM = ['--', process.execPath, PLAIN]
/** 2026.8.31 */
const EVERYTHING = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-everything/dist/index.js',
)
/** Leaves a trace wherever it is started. */
const TRACE = ['--', process.execPath, '-e', "require('node:fs').writeFileSync('started','')"]

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const INITIALIZE = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

/** A session at a gateway of `protect`: the text that a tool answers. */
async function sessionAt(url: string) {
  const authorization = `Bearer ${await tokenFor(new URL(url).origin, url)}`
  const post = (body: object, more: Readonly<Record<string, string>> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { ...HEADERS, authorization, ...more },
      body: JSON.stringify(body),
    })
  const begun = await post(INITIALIZE)
  const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)
  return async (name: string, args: object = {}) => textOf(await post(toolMessage(name, args), session))
}

async function run(args: readonly string[], cwd = folderWith({})) {
  const io = recordingIo({ cwd, env: ENV })
  const code = await cli(args, io)
  return { code, out: io.out(), err: io.err(), cwd }
}

describe('protect -- PROGRAM', () => {
  test('looks at its tools, asks who may, and a person calls them; with the command the program is gone', async () => {
    const listen = `127.0.0.1:${await freePort()}`
    const io = recordingIo({ answers: ['ada', PASSWORD, PASSWORD], env: ENV })
    const ended = cli(['protect', '--listen', listen, '--env', 'A_KEY', ...PROGRAM], io)
    const [, url = ''] = await io.seen(/plain \(\d+ tools\) is protected at\n\n {2}(\S+)\n/)
    expect(url).toBe(`http://${listen}/plain/mcp`)
    expect(io.out()).toContain(`claude mcp add --transport http plain ${url}`)
    expect(io.out()).toContain(`codex mcp add plain --url ${url}`)
    expect((await fetch(url, { method: 'POST', headers: HEADERS, body: '{}' })).status).toBe(401)
    const call = await sessionAt(url)
    const environment = JSON.parse(await call('env')) as Readonly<Record<string, string>>
    expect(Object.keys(environment).sort()).toEqual(['A_KEY', 'PATH'])
    expect(environment['A_KEY']).toBe('of-the-person')
    const pid = Number(await call('pid'))
    expect(isThere(pid)).toBe(true)
    io.interrupt()
    expect(await ended).toBe(0)
    expect(isThere(pid)).toBe(false)
    expect(io.out() + io.err()).not.toContain('of-the-person')
  })

  test('people and clients are told the title that the server has for itself', async () => {
    const listen = `127.0.0.1:${await freePort()}`
    const io = recordingIo({ stdin: PASSWORD, env: ENV })
    const options = ['--listen', listen, '--user', 'ada', '--password-stdin']
    const ended = cli(['protect', ...options, '--', process.execPath, EVERYTHING, 'stdio'], io)
    await io.seen(/everything \(\d+ tools\) is protected/)
    const metadata = await fetch(`http://${listen}/.well-known/oauth-protected-resource/everything/mcp`)
    expect(await metadata.json()).toMatchObject({ resource_name: 'Everything Reference Server' })
    io.interrupt()
    expect(await ended).toBe(0)
  })

  test.each<[string, readonly string[], RegExp]>([
    ['is not there', ['--', 'no-such-program-here'], /the program cannot be used: .*ENOENT/],
    ['ends at once', ['--', process.execPath, '-e', 'process.exit(3)'], /cannot be used: .*code 3/],
  ])('one that %s: told before anybody is asked, and nothing is left', async (_, words, told) => {
    const io = recordingIo({ answers: ['ada', PASSWORD, PASSWORD], env: ENV })
    expect(await cli(['protect', ...words], io)).toBe(1)
    expect(io.err()).toMatch(told)
    expect([io.out(), readdirSync(io.cwd)]).toEqual(['', []])
  })

  test('broken off while the program says nothing: it is gone, and nothing is left', async () => {
    const io = recordingIo({ answers: ['ada', PASSWORD, PASSWORD], env: ENV })
    const source = 'process.stderr.write(`pid ${process.pid} `+"\\n"); setInterval(() => {}, 1000)'
    const ended = cli(['protect', '--', process.execPath, '-e', source], io)
    await expect.poll(() => io.err(), { timeout: 10_000 }).toMatch(/pid \d+/)
    io.interrupt()
    expect(await ended).toBe(1)
    expect(isThere(Number(/pid (\d+)/.exec(io.err())?.[1]))).toBe(false)
    expect(readdirSync(io.cwd)).toEqual([])
  })

  test('--write: a file that check takes, with names of variables only; nothing is started', async () => {
    const { code, out, cwd } = await run(['protect', '--env', 'A_KEY', '--write', 'gateway.yaml', ...TRACE])
    expect([code, out]).toEqual([0, expect.stringContaining('portcullis run')])
    const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
    expect(text).toContain(`command: [${JSON.stringify(process.execPath)}, "-e", `)
    expect(text).toContain('env: { A_KEY: "${A_KEY}" }')
    expect(text).not.toMatch(/of-the-person|cwd/)
    for (const args of [['check'], ['check', '--upstream'], ['matrix'], ['diff', 'gateway.yaml']])
      expect((await run(args, cwd)).err).not.toContain('problem')
    expect((await run(['check', '--upstream'], cwd)).err).toContain(
      'its server is a program, which check does not start; see portcullis inventory',
    )
    expect(existsSync(join(cwd, 'started'))).toBe(false)
  })

  test('--write into another folder: the program still runs where it was named', async () => {
    const [elsewhere, cwd] = [folderWith({}), folderWith({})]
    await run(['protect', '--write', join(elsewhere, 'gateway.yaml'), ...PROGRAM], cwd)
    expect(readFileSync(join(elsewhere, 'gateway.yaml'), 'utf8')).toContain(`cwd: ${JSON.stringify(cwd)}`)
  })

  test('a folder that holds the data of the gateway is not handed out without a word', async () => {
    const told = /is given \.\/?, which holds the gateway's own data/
    for (const word of ['.', './'])
      expect((await run(['protect', '--write', '-', ...PROGRAM, word])).err).toMatch(told)
    const [cwd, elsewhere] = [folderWith({}), folderWith({})]
    mkdirSync(join(cwd, 'notes'))
    for (const words of [['notes'], ['./notes', 'absent', '-y'], [elsewhere]])
      expect((await run(['protect', '--write', '-', ...PROGRAM, ...words], cwd)).err).not.toContain(
        'own data',
      )
    const apart = ['--data', join(elsewhere, 'as.sqlite')]
    expect((await run(['protect', '--write', '-', ...apart, ...PROGRAM, '.'], cwd)).err).not.toContain(
      'own data',
    )
  })

  test('a word that looks like a variable stays as it is', async () => {
    const { code, cwd } = await run([
      'protect',
      '--write',
      'gateway.yaml',
      '--',
      'printf',
      '${A_KEY}',
      '--help',
    ])
    expect(code).toBe(0)
    expect(readFileSync(join(cwd, 'gateway.yaml'), 'utf8')).toContain('["printf", "$${A_KEY}", "--help"]')
  })

  test.each<[string, readonly string[], RegExp]>([
    ['no program', ['--'], /name the program after --/],
    ['a URL too', ['http://127.0.0.1:1/mcp', '--', 'x'], /a URL and a program are named/],
    ['an authority', ['--ca', 'x.pem', '--', 'x'], /--ca goes with a URL/],
    ['a variable of a URL', ['http://127.0.0.1:1/mcp', '--env', 'A'], /--env goes with a program/],
    ['a value', ['--env', 'A_KEY=secret', '--', 'x'], /--env takes the name of a variable of yours/],
    [
      'a variable that is not there',
      ['--env', 'NONE', '--', 'x'],
      /--env: environment variable NONE is unset/,
    ],
    ['the -- forgotten', ['npx', '-y', 'some-server'], /or a program after --/],
  ])('wrong use: %s', async (_, args, told) => {
    const { code, err, cwd } = await run(['protect', ...args])
    expect([code, err]).toEqual([2, expect.stringMatching(told)])
    expect(err).not.toContain('secret')
    expect(readdirSync(cwd)).toEqual([])
  })
})

test('init -- PROGRAM: its tools in rules, a file that check takes', async () => {
  const { code, out, cwd } = await run(['init', ...PROGRAM])
  expect([code, out]).toEqual([0, expect.stringMatching(/gateway\.yaml is written, with \d+ tools/)])
  const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
  expect(text).toContain('  - name: plain\n')
  expect(text).toContain('- "echo"\n')
  const checked = await run(['check'], cwd)
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('is fine: 1 route')])
  const without = await run(['init', '-o', '-', '--', 'no-such-program-here'])
  expect([without.code, without.out]).toEqual([0, expect.stringContaining('# No tool is open yet: ')])
})

test.each<[string, string]>([
  ['http://h/mcp', 'server'],
  ['http://h/notes/mcp', 'notes'],
  ['http://h/v1/sse', 'server'],
  ['http://h/9 x/mcp', 'server'],
  ['npx -y @modelcontextprotocol/server-filesystem ./notes', 'filesystem'],
  ['npx -y @modelcontextprotocol/server-memory@2026.1.14', 'memory'],
  ['npx -y mcp-server-kubernetes', 'kubernetes'],
  ['uvx mcp-server-time --local-timezone=Europe/Berlin', 'time'],
  ['uv --directory /srv/weather run server.py', 'weather'],
  ['python3 -m mcp_server_git', 'git'],
  ['node /srv/notes/dist/index.js', 'notes'],
  ['node ./index.js', 'server'],
  ['/usr/local/bin/github-mcp-server stdio', 'github'],
  ['/srv/node_modules/.bin/node server.mjs', 'server'],
  ['docker run -i --rm mcp/fetch', 'fetch'],
  ['C:\\Tools\\weather.exe', 'weather'],
])('the route of %s is called %s', (words, name) => {
  const server = words.startsWith('http')
    ? { url: words, ca: undefined, authorities: undefined }
    : { command: words.split(' '), variables: [], folder: '/' }
  expect(routeNameOf(server)).toBe(name)
})
