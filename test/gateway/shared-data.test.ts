// Two whole gateways over one PostgreSQL server: a token of one is taken by the other, and refused there once it was
// revoked; while nobody can tell, it is neither.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { openOperator } from '../../src/as/operate/operator.ts'
import { openPostgres } from '../../src/as/store/postgres/open-postgres.ts'
import { parseConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/core/secret.ts'
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts'
import { type Answer, ask, postForm } from '../as/engine/scene.ts'
import { freePort } from '../support/free-port.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const SECRET = 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T'
const CLOCK = { now: () => Date.now() }
const SOON = { timeout: 2_000, interval: 20 }
const ROBOT = {
  ...{ client_id: 'robot', client_secret: 'a secret of the robot', redirect_uris: [] },
  ...{ grant_types: ['client_credentials'], response_types: [] },
}

describe.skipIf(!hasPostgres)('two gateways', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-shared-'))
  let postgres: TestPostgres
  let upstream: TestUpstream
  const gateways: RunningGateway[] = []
  const places: string[] = []
  let origin = ''

  beforeAll(async () => {
    postgres = await startPostgres()
    upstream = await startUpstream()
    origin = `http://127.0.0.1:${await freePort()}`
    const kept = await openPostgres(postgres.url(), { secret: Buffer.from(SECRET), clock: CLOCK })
    await kept.clients.save('robot', 'operator', ROBOT)
    await kept.close()
    for (const place of [origin, `http://127.0.0.1:${await freePort()}`]) {
      places.push(place)
      const loaded = parseConfig(configuration(place), { file: join(folder, 'gateway.yaml'), env: {} })
      if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
      gateways.push(await startGateway({ settings: loaded.settings, log: pino({ level: 'silent' }) }))
    }
  })
  afterEach(() => vi.restoreAllMocks())
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close(100)
    await upstream?.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function configuration(place: string): string {
    return `
public_url: ${origin}
listen: ${new URL(place).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${join(folder, 'audit.log')} }
session_key: ${SECRET}
issuers: { builtin: { embedded: true } }
authorization_server: { data: "${postgres.url()}", cookie_secret: ${SECRET} }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [builtin]
    scopes: [notes:read]
    policy:
      rules:
        - { name: reading, tools: [read] }
        - { name: now, tools: [now], require_active: true }
`
  }

  async function newToken(): Promise<string> {
    const authorization = `Basic ${btoa('robot:a+secret+of+the+robot')}`
    const answer = await postForm(
      `${places[0]}/token`,
      { grant_type: 'client_credentials' },
      { authorization },
    )
    expect(answer.status).toBe(200)
    return String(answer.json['access_token'])
  }

  /** At the other one. */
  function call(token: string, tool = 'read'): Promise<Answer> {
    const headers = {
      ...{ host: new URL(origin).host, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    }
    const params = { name: tool, arguments: {} }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
    return ask(`${places[1]}/notes/mcp`, { method: 'POST', headers, body })
  }

  test('a token of one is taken by the other, also one of a key that was made a moment ago', async () => {
    expect((await call(await newToken())).status).toBe(200)
    const settings = { data: postgres.url(), cookieSecret: new Secret(SECRET) }
    const operator = await openOperator({ settings, clock: CLOCK, actor: 'operator olga' })
    await operator.keys.rotate()
    const token = await newToken()
    expect((await call(token)).status).toBe(200)
    expect((await call(token, 'now')).status).toBe(200)
    await operator.close()
  })

  test('F36: while the data is away a rule with require_active hears 503, and after ten seconds all do', async () => {
    const token = await newToken()
    expect((await call(token)).status).toBe(200)
    await postgres.kill()
    expect((await call(token)).status).toBe(200)
    const active = await call(token, 'now')
    expect([active.status, active.headers.get('retry-after')]).toEqual([503, expect.any(String)])
    const real = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => real() + 12_000)
    const later = await call(token)
    expect([later.status, later.json['error']]).toEqual([503, 'temporarily_unavailable'])
    vi.restoreAllMocks()
    await postgres.start()
    await vi.waitFor(async () => expect((await call(token, 'now')).status).toBe(200), {
      timeout: 10_000,
      interval: 100,
    })
  })

  test('F34: a client that a command removed is refused at the other within 2 s', async () => {
    const token = await newToken()
    expect((await call(token)).status).toBe(200)
    const settings = { data: postgres.url(), cookieSecret: new Secret(SECRET) }
    const operator = await openOperator({ settings, clock: CLOCK, actor: 'operator olga' })
    await operator.clients.remove('robot')
    await vi.waitFor(async () => expect((await call(token)).status).toBe(401), SOON)
    await operator.close()
  })
})
