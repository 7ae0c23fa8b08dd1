// The gateway in front of every server of the table, with the embedded authorization server and a person who signs in and
// agrees. Every tool but `secret` needs the scope `use`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOperator } from '../../../src/as/operate/operator.ts'
import { createDemoPerson, type DemoPerson } from '../../../src/cli/demo/person.ts'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { signIn } from '../../as/clients/sign-in.ts'
import { freePort } from '../../support/free-port.ts'
import { settingsOf } from '../harness/preset.ts'

const NAME = 'ada'
const PASSWORD = 'correct horse battery'
export const SCOPE = 'use'
const REDIRECT_URI = 'http://127.0.0.1/callback'
/** Enough for every client of a table; people's limits are tested elsewhere. */
const LIMITS = '{ registrations: 1000/h, authorizations: 5000/15min, failures: 1000/15min }'

export interface WorldGateway {
  /** What a client types for a server's route. */
  url(server: string): string
  readonly accessTokenSeconds: number
  /** Ada, with a fresh browser. */
  person(): DemoPerson
  /** An access token for a server's route, with the scope `use`. */
  token(server: string): Promise<string>
  /** Warnings and errors of its log. */
  readonly log: readonly string[]
  close(): Promise<void>
}

export interface WorldGatewayOptions {
  /** Its URL by the name of each server. */
  readonly upstreams: Readonly<Record<string, string>>
  /** How long an access token lives, below the least that a file may say: a test does not wait a minute. */
  readonly accessTokenSeconds: number
}

export async function startWorldGateway(options: WorldGatewayOptions): Promise<WorldGateway> {
  const { upstreams, accessTokenSeconds } = options
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-world-'))
  const origin = `http://127.0.0.1:${await freePort()}`
  const settings = settingsOf(
    worldConfig({
      origin,
      upstreams,
      data: join(folder, 'as.sqlite'),
      top: `audit: { file: ${join(folder, 'audit.jsonl')} }`,
    }),
    {},
  )
  const { authorizationServer } = settings
  if (authorizationServer === undefined) throw new Error('the file has no authorization server')
  const log: string[] = []
  const running = await startGateway({
    settings: {
      ...settings,
      // To the second, as for the time that they live.
      issuers: new Map(
        [...settings.issuers].map(([name, issuer]) => [name, { ...issuer, leewaySeconds: 0 }]),
      ),
      authorizationServer: { ...authorizationServer, accessTokenTtlSeconds: accessTokenSeconds },
    },
    log: createLog('warn', { write: (line: string) => void log.push(line) }),
  })
  await addPerson(join(folder, 'as.sqlite'))
  const url = (server: string) => `${origin}/${server}/mcp`
  return {
    url,
    accessTokenSeconds,
    person: ada,
    token: (server) => tokenFor(origin, url(server)),
    log,
    async close() {
      await running.close(100)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function ada(): DemoPerson {
  return createDemoPerson({ name: NAME, password: PASSWORD, fetch })
}

/** An access token for a route, with the scope `use`. */
export async function tokenFor(origin: string, resource: string): Promise<string> {
  const habits = { redirectUri: REDIRECT_URI, scope: SCOPE, resource }
  const { token, accessToken } = await signIn({ origin, person: ada }, habits)
  if (token.status !== 200) throw new Error(`no token: ${token.status} ${JSON.stringify(token.json)}`)
  return accessToken
}

export async function addPerson(data: string): Promise<void> {
  const operator = await openOperator({
    settings: { data, cookieSecret: undefined },
    clock: { now: () => Date.now() },
    actor: 'operator olga',
  })
  await operator.users.add(NAME, PASSWORD)
  await operator.close()
}

export interface WorldConfig {
  readonly origin: string
  readonly upstreams: Readonly<Record<string, string>>
  /** Path of the authorization server's data. */
  readonly data: string
  /** More lines at the top. */
  readonly top?: string
  /** More lines of the authorization server, indented by two. */
  readonly server?: string
}

/** The gateway.yaml of the table. */
export function worldConfig({ origin, upstreams, data, top = '', server = '' }: WorldConfig): string {
  const routes = Object.entries(upstreams).map(
    ([name, url]) => `
  - name: ${name}
    path: /${name}/mcp
    upstream: ${url}
    issuers: [builtin]
    scopes: [${SCOPE}]
    policy:
      rules:
        - { name: use, tools: [echo, count, wait, ask, think], scopes: [${SCOPE}] }
        - { name: secret, tools: [secret], scopes: [secret] }`,
  )
  return `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
${top}
issuers:
  builtin: { embedded: true }
authorization_server:
  data: ${data}
  limits: ${LIMITS}
${server}
routes:${routes.join('')}
`
}
