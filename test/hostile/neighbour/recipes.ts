// What a hostile neighbour does, an entry each. To add one, add an entry: the test and `npm run bench:hostile` run it.
// Each keeps on until the attack is over; which answers it gets is of no interest here.
import { randomBytes } from 'node:crypto'
import { proofFor } from '../../support/dpop.ts'
import type { Attack } from './attack.ts'

export interface Recipe {
  readonly credential: 'token' | 'none'
  run(attack: Attack): Promise<void>
}

const LANES = 16
const LARGE = 900_000

/** What the control sends: requests that cost the gateway next to nothing. */
export const PLAIN_404 = {
  name: 'plain 404',
  run: (attack: Attack) => repeat(attack, `GET /nowhere HTTP/1.1\r\nHost: ${hostOf(attack)}\r\n\r\n`),
}

/** The same request in every lane, made once: an attacker's own work would be what others wait for. */
function repeat(attack: Attack, text: string, each = 1): Promise<void> {
  return attack.loop(LANES, always(text), each)
}

function always(text: string): () => Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return () => bytes
}

function hostOf({ aim }: Attack): string {
  return new URL(aim.origin).host
}

interface Post {
  readonly path?: string
  readonly type?: string
  /** Without the line end; undefined for none. */
  readonly authorization?: string | undefined
  readonly more?: string
}

function post(
  attack: Attack,
  body: string,
  { path = '/mcp/a', type, authorization, more = '' }: Post,
): string {
  const proof = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
  const head = `Host: ${hostOf(attack)}\r\n${proof}Content-Type: ${type ?? 'application/json'}\r\n`
  return `POST ${path} HTTP/1.1\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`
}

/** A request with one of the attacker's tokens. */
function known(attack: Attack, body: string, turn = 0, more: Post = {}): string {
  return post(attack, body, { authorization: `Bearer ${tokenOf(attack, turn)}`, ...more })
}

function tokenOf({ aim }: Attack, turn: number): string {
  return aim.tokens[turn % aim.tokens.length] as string
}

function message(method: string, params: object, id = 0): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

function toolCall(name: string, args: object = {}): string {
  return message('tools/call', { name, arguments: args })
}

function get(attack: Attack, path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${hostOf(attack)}\r\n${more}\r\n`
}

function stream(attack: Attack): string {
  const more = `Authorization: Bearer ${tokenOf(attack, 0)}\r\nAccept: text/event-stream\r\n`
  return get(attack, '/mcp/a', more)
}

function form(attack: Attack, path: string, fields: Record<string, string>): string {
  const type = 'application/x-www-form-urlencoded'
  return post(attack, new URLSearchParams(fields).toString(), { path, type })
}

const encode = (text: string) => Buffer.from(text).toString('base64url')
const random = () => randomBytes(24).toString('base64url')
const CAPITALS = 'A'.repeat(8_190)
const MODERN = 'MCP-Protocol-Version: 2026-07-28\r\n'
/** A signed part that is no JSON, of very many escapes. */
const JUNK_JWS = `${encode('{"alg":"ES256","a":"x"}')}.${encode(`{"${'\\"'.repeat(2_900)}`)}.AA`

const UNIQUE_MEMBERS = `{${Array.from({ length: LARGE / 14 }, (_, n) => `"m${n}":"${n % 9}"`).join(',')}}`
const ESCAPES = `[${'{"\\u0061":"\\n\\u00e9"},'.repeat(LARGE / 22)}{}]`

/** A call whose arguments are this JSON text. */
function argued(text: string): string {
  return toolCall('ask', { a: 0 }).replace('{"a":0}', `{"a":${text}}`)
}

/** Calls to a slow tool, whose connections are all closed once they are on their way. */
async function orphans(attack: Attack): Promise<void> {
  while (attack.isOn) {
    const sockets = Array.from({ length: 260 }, () => {
      const socket = attack.connect()
      socket.write(known(attack, toolCall('slow')))
      attack.sent += 1
      return socket
    })
    await attack.wait(200)
    for (const socket of sockets) socket.destroy()
  }
}

/** Reads a little of a large answer now and then. */
async function readSlowly(attack: Attack): Promise<void> {
  const sockets = Array.from({ length: 60 }, () => {
    const socket = attack.connect().pause()
    socket.write(known(attack, toolCall('big')))
    attack.sent += 1
    return socket
  })
  while (attack.isOn) {
    for (const socket of sockets) socket.read(1_024)
    await attack.wait(100)
  }
}

/** Two bytes of blank lines after a whole request, again and again. */
async function blankLines(attack: Attack): Promise<void> {
  const sockets = Array.from({ length: 300 }, () => {
    const socket = attack.connect().resume()
    socket.write(get(attack, '/nowhere'))
    attack.sent += 1
    return socket
  })
  while (attack.isOn) {
    for (const socket of sockets) socket.write('\r\n')
    await attack.wait(200)
  }
}

export const RECIPES: Readonly<Record<string, Recipe>> = {
  'resource URIs of capital letters': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, message('resources/read', { uri: CAPITALS }))),
  },
  'subscriptions to a hundred such URIs': {
    credential: 'token',
    run(attack) {
      const uris = Array.from({ length: 100 }, () => CAPITALS)
      const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
      const body = message('subscriptions/listen', { resourceSubscriptions: uris, _meta: meta })
      const more = `${MODERN}Mcp-Method: subscriptions/listen\r\n`
      return repeat(attack, known(attack, body, 0, { more }))
    },
  },
  'calls that are left behind': { credential: 'token', run: orphans },
  'calls with large arguments to a slow tool': {
    credential: 'token',
    run: (attack) => attack.park(150, always(known(attack, toolCall('slow', { text: 'x'.repeat(LARGE) })))),
  },
  'bodies that never end': {
    credential: 'token',
    run: (attack) =>
      attack.park(
        300,
        always(known(attack, toolCall('ask', { text: 'x'.repeat(LARGE) })).slice(0, LARGE / 2)),
      ),
  },
  'proofs of possession, each a new one': {
    credential: 'token',
    run: (attack) =>
      attack.loop(LANES, () => {
        const proof = proofFor(`${attack.aim.origin}/mcp/d`, attack.aim.bound)
        const authorization = `DPoP ${attack.aim.bound}`
        return post(attack, toolCall('ask'), { path: '/mcp/d', authorization, more: `DPoP: ${proof}\r\n` })
      }),
  },
  'tool names of nearly a megabyte': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, toolCall('y'.repeat(LARGE)))),
  },
  'batches of fifty calls': {
    credential: 'token',
    run(attack) {
      const calls = Array.from({ length: 50 }, (_, id) => message('tools/call', { name: 'ask' }, id))
      const more = 'MCP-Protocol-Version: 2025-03-26\r\n'
      return repeat(attack, known(attack, `[${calls.join(',')}]`, 0, { more }))
    },
  },
  'arguments of very many names': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, argued(UNIQUE_MEMBERS))),
  },
  'arguments of very many escapes': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, argued(ESCAPES))),
  },
  'large answers that nobody reads': {
    credential: 'token',
    run: (attack) => attack.park(150, always(known(attack, toolCall('big')))),
  },
  'large answers that are read a little at a time': { credential: 'token', run: readSlowly },
  'idle event streams': {
    credential: 'token',
    run: (attack) => attack.park(1_060, always(stream(attack))),
  },
  'a token after the other of one person': {
    credential: 'token',
    run: (attack) => attack.loop(LANES, (turn) => known(attack, toolCall('ask'), turn)),
  },
  'long lists': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, message('tools/list', {}))),
  },
  'thirty-two requests in one write': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, toolCall('ask')).repeat(32), 32),
  },
  'refused calls with long names, for the audit': {
    credential: 'token',
    run: (attack) => repeat(attack, known(attack, toolCall(`no-${'z'.repeat(200)}`))),
  },
  'tokens whose parts are no JSON': {
    credential: 'none',
    run: (attack) => repeat(attack, post(attack, toolCall('ask'), { authorization: `Bearer ${JUNK_JWS}` })),
  },
  'signatures that do not verify': {
    credential: 'none',
    run: (attack) =>
      attack.loop(LANES, (turn) => {
        const [head, claims] = tokenOf(attack, turn).split('.')
        const signature = randomBytes(64).toString('base64url')
        return post(attack, toolCall('ask'), { authorization: `Bearer ${head}.${claims}.${signature}` })
      }),
  },
  'tokens to be introspected, each a new one': {
    credential: 'none',
    run: (attack) =>
      attack.loop(70, () =>
        post(attack, toolCall('ask'), { path: '/mcp/o', authorization: `Bearer ${random()}` }),
      ),
  },
  'batches of such URIs where lists are open to all': {
    credential: 'none',
    run(attack) {
      const reads = Array.from({ length: 50 }, (_, id) => message('resources/read', { uri: CAPITALS }, id))
      const more = 'MCP-Protocol-Version: 2025-03-26\r\n'
      return repeat(attack, post(attack, `[${reads.join(',')}]`, { path: '/mcp/x', more }))
    },
  },
  'lists that are open to all': {
    credential: 'none',
    run: (attack) => repeat(attack, post(attack, message('tools/list', {}), { path: '/mcp/x' })),
  },
  'connections that say nothing': { credential: 'none', run: (attack) => attack.park(3_000, always('')) },
  'heads that never end': {
    credential: 'none',
    run: (attack) => attack.park(3_000, always(`POST /mcp/a HTTP/1.1\r\nHost: ${hostOf(attack)}\r\nX-A: `)),
  },
  'blank lines between requests': { credential: 'none', run: blankLines },
  'cookies of eight kilobytes': {
    credential: 'none',
    run: (attack) => repeat(attack, get(attack, '/account', `Cookie: ${'a=b; '.repeat(1_600)}\r\n`)),
  },
  'registrations of clients': {
    credential: 'none',
    run(attack) {
      const client = JSON.stringify({ client_name: 'x', redirect_uris: ['http://127.0.0.1/cb'] })
      return repeat(attack, post(attack, client, { path: '/register' }))
    },
  },
  'refresh tokens that are guessed': {
    credential: 'none',
    run: (attack) =>
      attack.loop(LANES, () => {
        const fields = { grant_type: 'refresh_token', client_id: random(), refresh_token: random() }
        return form(attack, '/token', fields)
      }),
  },
  'introspection of guessed tokens': {
    credential: 'none',
    run: (attack) =>
      attack.loop(LANES, () => form(attack, '/introspect', { client_id: random(), token: random() })),
  },
  'codes for devices': {
    credential: 'none',
    run: (attack) => attack.loop(LANES, () => form(attack, '/device_authorization', { client_id: random() })),
  },
  'sign-ins that are begun': {
    credential: 'none',
    run: (attack) =>
      attack.loop(LANES, () => {
        const client = `https://127.0.0.1:9/${random()}`
        const query = new URLSearchParams({ client_id: client, response_type: 'code', redirect_uri: client })
        return get(attack, `/authorize?${query}`)
      }),
  },
}
