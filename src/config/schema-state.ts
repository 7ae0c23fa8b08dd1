// The shape of `state`: where several gateways keep what they share. A URL may carry a name and a password, since that is
// how platforms hand it out; no message repeats it.
import { z } from 'zod'
import { Secret } from '../core/secret.ts'
import type { RedisNode, StateSettings } from '../core/settings-state.ts'
import { milliseconds, secret, text } from './scalars.ts'
import { authorities } from './schema-reach.ts'

const DEFAULT_PORT = 6379

const URL_WORDS =
  'expected redis://host:port or rediss://host:port (TLS), with a name, a password and /number if it has them'
const redisUrl = z
  .string(URL_WORDS)
  .refine((address) => readRedisUrl(address) !== undefined, URL_WORDS)
  .meta({ format: 'uri' })

interface RedisUrl {
  readonly node: RedisNode
  readonly isTls: boolean
  readonly username: string | undefined
  readonly password: Secret | undefined
  readonly database: number
}

function readRedisUrl(address: string): RedisUrl | undefined {
  if (!/^rediss?:\/\/[\x21-\x7e]+$/.test(address) || !URL.canParse(address)) return undefined
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(address)
  const database = /^\/?(\d{0,5})$/.exec(pathname)?.[1]
  if (hostname === '' || database === undefined || search !== '' || hash !== '') return undefined
  const plain = (part: string) => (part === '' ? undefined : unescaped(part))
  const secretText = plain(password)
  return {
    node: { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT) },
    isTls: protocol === 'rediss:',
    username: plain(username),
    password: secretText === undefined ? undefined : new Secret(secretText),
    database: Number(database),
  }
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a percent sign that is meant as one
  }
}

const NODE_WORDS = 'expected host:port such as 10.0.0.5:6379'
const NODE = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):([1-9]\d{0,4})$/
const redisNode = z
  .string(NODE_WORDS)
  .regex(NODE, NODE_WORDS)
  .transform((written): RedisNode => {
    const [, host = '', port = ''] = NODE.exec(written) ?? []
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
  })
const redisNodes = z.array(redisNode).min(1).max(20)

const sentinel = z.strictObject({
  master: text.describe('What Sentinel calls the server.'),
  nodes: redisNodes.describe('Where Sentinels listen: host:port.'),
  username: text.describe('An ACL user at Sentinel itself.').optional(),
  password: secret.describe('Its password.').optional(),
})

const ONE_PLACE = 'expected exactly one of url, sentinel and cluster'

export const sharedState = z
  .strictObject({
    url: redisUrl
      .describe('One server: `redis://` or `rediss://` (TLS). `${VAR}` may hold all of it.')
      .optional(),
    sentinel: sentinel.describe('The server that Sentinel names, instead of `url`.').optional(),
    cluster: redisNodes
      .describe('Some nodes of a cluster, instead of `url`: host:port. The others are asked for.')
      .optional(),
    tls: z
      .boolean()
      .describe('TLS to `sentinel` and `cluster`; with `url` its scheme says so.')
      .prefault(false),
    ca: authorities,
    username: text.describe('An ACL user.').optional(),
    password: secret.describe('Its password, or the one of the server.').optional(),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected at most 64 letters, digits, dots, colons and hyphens')
      .describe('What every key begins with. Gateways that share have the same.')
      .prefault('portcullis:'),
    timeout: milliseconds('10ms', '5s')
      .describe('How long one command may take; then the gateway goes on as if the server were away.')
      .prefault('250ms'),
  })
  .refine((raw) => [raw.url, raw.sentinel, raw.cluster].filter(Boolean).length === 1, ONE_PLACE)
  .transform((raw): StateSettings => {
    const url = raw.url === undefined ? undefined : readRedisUrl(raw.url)
    return {
      topology: url ? 'single' : raw.sentinel ? 'sentinel' : 'cluster',
      nodes: url ? [url.node] : (raw.sentinel?.nodes ?? raw.cluster ?? []),
      master: raw.sentinel?.master,
      database: url?.database ?? 0,
      isTls: url?.isTls ?? raw.tls,
      ca: raw.ca,
      login: {
        username: raw.username ?? url?.username,
        password: raw.password ?? url?.password,
      },
      sentinelLogin: { username: raw.sentinel?.username, password: raw.sentinel?.password },
      prefix: raw.prefix,
      timeoutMs: raw.timeout,
    }
  })
