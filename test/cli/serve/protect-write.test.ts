// `portcullis protect --write`: what runs becomes a file that `check` takes without a word, and that `run` serves with the
// same answers.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { freePort } from '../../support/free-port.ts'
import { until } from '../../support/redis.ts'
import { sendJson, startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { folderWith, type RecordingIo, recordingIo } from '../shared/recording-io.ts'
import { PASSWORD, tokenFor } from './signed-in.ts'

let upstream: TestUpstream

/** What a caller may see depends on the policy in these lists too. */
const LISTS: Readonly<Record<string, object>> = {
  'tools/list': { tools: [{ name: 'safe', inputSchema: { type: 'object' } }] },
  'prompts/list': { prompts: [{ name: 'hello' }] },
  'resources/list': { resources: [{ uri: 'notes://1', name: 'one' }] },
  'resources/templates/list': {
    resourceTemplates: [
      { uriTemplate: 'notes://{id}', name: 'note' },
      { uriTemplate: '{whole}', name: 'any' },
    ],
  },
}

beforeEach(async () => {
  upstream = await startUpstream(({ body }, response) => {
    const { id, method = '' } = JSON.parse(body.toString() || '{}') as { id?: number; method?: string }
    sendJson(response, 200, { jsonrpc: '2.0', id, result: LISTS[method] ?? { said: method } })
  })
})
afterEach(() => upstream.close())

async function write(cwd: string, ...args: string[]) {
  const io = recordingIo({ cwd })
  return { code: await cli(['protect', upstream.url, ...args], io), out: io.out(), err: io.err() }
}

const MESSAGES = [
  ...Object.keys(LISTS).map((method) => ({ method, params: {} })),
  { method: 'tools/call', params: { name: 'safe', arguments: {} } },
  { method: 'prompts/get', params: { name: 'hello' } },
  { method: 'resources/read', params: { uri: 'notes://1' } },
  { method: 'resources/read', params: { uri: 'file:///a/../b' } },
  { method: 'tools/call', params: { name: ' safe' } },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'a', value: '' } },
  },
  { method: 'tasks/list', params: {} },
  { method: 'invented/method', params: {} },
  { method: 'ping', params: {} },
]
/** Of one answer alone. */
const OWN = new Set(['date', 'x-request-id', 'connection', 'keep-alive'])

async function answersOf(origin: string, token: string) {
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${origin}${path}`, init)
    const headers = [...answer.headers].filter(([name]) => !OWN.has(name))
    return { path, status: answer.status, headers, body: await answer.text() }
  }
  const send = (message: object, headers: Readonly<Record<string, string>>) =>
    ask('/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    })
  const bearer = { authorization: `Bearer ${token}` }
  const answers = [
    await ask('/.well-known/oauth-protected-resource/mcp'),
    await ask('/.well-known/oauth-authorization-server'),
    await ask('/jwks'),
    await send({ method: 'tools/list' }, {}),
    await send({ method: 'tools/list' }, { authorization: 'Bearer none' }),
    await send({ method: 'tools/list' }, { ...bearer, origin: 'http://localhost:6274' }),
    await send({ method: 'tools/list' }, { ...bearer, origin: 'https://app.example.com' }),
  ]
  for (const message of MESSAGES) answers.push(await send(message, bearer))
  return answers
}

async function whileItServes<T>(
  io: RecordingIo,
  args: string[],
  isUp: () => Promise<unknown>,
  ask: () => Promise<T>,
) {
  const ended = cli(args, io)
  await isUp()
  const asked = await ask()
  io.interrupt()
  expect(await ended).toBe(0)
  return asked
}

test('the file is served with the same answers, to the same people', async () => {
  const cwd = folderWith({})
  const [listen, admin] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const origin = `http://${listen}`
  const io = recordingIo({ cwd, stdin: PASSWORD })
  const args = ['--listen', listen, '--admin', admin]
  const command = ['protect', upstream.url, ...args]
  let token = ''
  const before = await whileItServes(
    io,
    [...command, '--user', 'ada', '--password-stdin'],
    () => io.seen(/Ctrl-C ends it/),
    async () => {
      token = await tokenFor(origin, `${origin}/mcp`)
      return await answersOf(origin, token)
    },
  )
  expect(before.filter(({ status }) => status === 200).length).toBeGreaterThan(10)
  expect(await write(cwd, ...args, '--write', 'gateway.yaml')).toMatchObject({ code: 0, err: '' })
  const checking = recordingIo({ cwd })
  expect(await cli(['check'], checking)).toBe(0)
  expect([checking.out(), checking.err()]).toEqual(['gateway.yaml is fine: 1 route, 1 issuer\n', ''])
  const running = recordingIo({ cwd })
  const isUp = () =>
    until(
      () =>
        fetch(`http://${admin}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'run serves',
    )
  const after = await whileItServes(running, ['run', '--log-level', 'silent'], isUp, () =>
    answersOf(origin, token),
  )
  expect(after).toEqual(before)
})

test('only its owner may read it; paths start from its folder; it never writes over a file unless told to', async () => {
  const cwd = folderWith({ 'mine.yaml': 'mine' })
  const first = await write(cwd, '--write', 'gateway.yaml')
  expect(first).toMatchObject({ code: 0, err: '', out: expect.stringContaining('portcullis run\n') })
  const file = join(cwd, 'gateway.yaml')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain('data: ".portcullis/as.sqlite"')
  expect(text).toContain('audit: { file: ".portcullis/audit.jsonl" }')
  expect(text).not.toContain(cwd)
  expect(existsSync(join(cwd, '.portcullis'))).toBe(false) // it asks nobody, and makes no data

  expect(await write(cwd, '--write', 'mine.yaml')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--force'),
  })
  expect(readFileSync(join(cwd, 'mine.yaml'), 'utf8')).toBe('mine')
  writeFileSync(join(cwd, 'mine.yaml'), text.replaceAll('everything', 'x'.repeat(9_000)), { mode: 0o644 })
  expect(await write(cwd, '--write', 'mine.yaml', '--force')).toMatchObject({ code: 0 })
  expect(readFileSync(join(cwd, 'mine.yaml'), 'utf8')).toBe(text)
  expect(statSync(join(cwd, 'mine.yaml')).mode & 0o777).toBe(0o600)
})

test('asks for the first user where somebody sits at the terminal; `run` can be used at once', async () => {
  const io = recordingIo({ answers: ['ada', PASSWORD, PASSWORD] })
  expect(await cli(['protect', upstream.url, '--write', 'gateway.yaml'], io)).toBe(0)
  const listing = recordingIo({ cwd: io.cwd })
  expect(await cli(['users', 'list'], listing)).toBe(0)
  expect(listing.out()).toContain('ada')
})

test('- prints it; a folder that is not there; a file that would not run', async () => {
  const cwd = folderWith({})
  const printed = await write(cwd, '--write', '-')
  expect([printed.code, printed.out]).toEqual([0, expect.stringMatching(/^# Begun by: portcullis protect/)])
  expect(await write(cwd, '--write', 'absent/gateway.yaml')).toMatchObject({
    code: 1,
    err: 'portcullis protect: absent/gateway.yaml cannot be written: ENOENT\n',
  })
  expect(await write(cwd, '--write', 'gateway.yaml', '--listen', '127.0.0.1:9090')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/--admin: the gateway listens there already/),
  })
  expect(existsSync(join(cwd, 'gateway.yaml'))).toBe(false)
})

test('a path that looks like a variable stays a path', async () => {
  const cwd = folderWith({})
  const { code, err } = await write(cwd, '--write', 'gateway.yaml', '--data', '${HOME}/as.sqlite')
  expect([code, err]).toEqual([0, ''])
  expect(readFileSync(join(cwd, 'gateway.yaml'), 'utf8')).toContain('data: "$${HOME}/as.sqlite"')
})
