// The short form of `npm run bench:replicas`: two replicas of two workers with one Redis and one PostgreSQL, where what one
// of them counted, took, began, refused or ended holds at the other.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejection } from '../../src/cli/demo/session.ts'
import { JKT, proofFor } from '../support/dpop.ts'
import { callOf, legacy, type Sendable } from '../support/messages.ts'
import { hasPostgres } from '../support/postgres.ts'
import { redisMissing, until } from '../support/redis.ts'
import { PER_MINUTE, startReplicas, type TestReplicas } from '../support/replicas.ts'
import { openStepUp } from './step-up.ts'

describe.skipIf(redisMissing() !== undefined || !hasPostgres)('two replicas', () => {
  let replicas: TestReplicas
  let first: number
  let second: number
  beforeAll(async () => {
    replicas = await startReplicas()
    ;[first, second] = replicas.ports
  }, 120_000)
  afterAll(() => replicas?.close())

  const send = async (port: number, { body, headers }: Sendable, authorization: string, more = {}) => {
    const type = { 'content-type': 'application/json', authorization }
    const init = { method: 'POST', headers: { ...headers, ...type, ...more }, body: JSON.stringify(body) }
    const answer = await replicas.fetchAt(() => port)(`${replicas.origin}/mcp/a`, init)
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  const call = (port: number, token: string) => send(port, callOf('legacy'), `Bearer ${token}`)

  test('count one limit together', async () => {
    const token = replicas.token('counted')
    const calls = Array.from({ length: 2 * PER_MINUTE }, (_, n) => call(n % 2 ? first : second, token))
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(PER_MINUTE)
    expect(statuses.filter((status) => status === 429)).toHaveLength(PER_MINUTE)
  })

  test('take a proof once', async () => {
    const token = replicas.token('prover', { cnf: { jkt: JKT } })
    const url = `${replicas.origin}/mcp/a`
    const show = (port: number, dpop: string) => send(port, callOf('legacy'), `DPoP ${token}`, { dpop })
    const asked = await show(first, proofFor(url, token)) // the store is new
    const nonce = asked.headers.get('dpop-nonce')
    const proof = proofFor(url, token, { claims: { nonce } })
    const statuses: number[] = []
    for (const port of [first, second, second, first]) statuses.push((await show(port, proof)).status)
    expect(statuses).toEqual([200, 401, 401, 401])
  })

  test('know a task that was begun at one of them, for its owner alone', async () => {
    replicas.upstream.respond = (_request, response) => {
      const result = '{"task":{"taskId":"t-1","status":"working"}}'
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`{"jsonrpc":"2.0","id":1,"result":${result}}`)
    }
    const begin = legacy('tools/call', { name: 'safe', arguments: {}, task: { ttl: 60_000 } })
    await send(first, begin, `Bearer ${replicas.token('owner')}`)
    const ask = async (port: number, subject: string) => {
      const answer = await send(
        port,
        legacy('tasks/get', { taskId: 't-1' }),
        `Bearer ${replicas.token(subject)}`,
      )
      return answer.text.includes('Task not found') ? 'unknown' : answer.status
    }
    const own = [await ask(second, 'owner'), await ask(second, 'owner'), await ask(first, 'owner')]
    expect(own).toEqual([200, 200, 200])
    expect([await ask(second, 'eve'), await ask(first, 'eve')]).toEqual(['unknown', 'unknown'])
  })

  /** SDK 1.32.2: every call comes to the first, its tokens from the second. */
  const openClient = () =>
    openStepUp({
      url: `${replicas.origin}/mcp/world`,
      person: replicas.person(second),
      fetch: replicas.fetchAt(({ pathname }) => (pathname.startsWith('/mcp/') ? first : second)),
    })

  test('ask a person at one of them for what a call was refused for at the other', async () => {
    const { session, tokenAnswers } = await openClient()
    await rejection(session.call('test_image_content', {}))
    expect(tokenAnswers()).toEqual([400])
    expect(session.login.wanted).toBe(true)
    await session.stepUp()
    expect(session.login.granted.split(' ').sort()).toEqual(['more', 'use'])
    await session.call('test_image_content', {})
    await session.close()
  })

  test('refuse at one of them what was revoked at the other', async () => {
    const { session } = await openClient()
    await session.call('test_simple_text', {})
    const form = new URLSearchParams({
      client_id: session.login.clientInformation()?.client_id ?? '',
      token: session.login.tokens()?.refresh_token ?? '',
    })
    const revoked = await replicas.fetchAt(() => second)(`${replicas.origin}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    })
    expect(revoked.status).toBe(200)
    const token = session.login.tokens()?.access_token ?? ''
    const { body, headers } = callOf('legacy', 'test_simple_text')
    const isRefused = async () => {
      const init = { method: 'POST', body: JSON.stringify(body) }
      const sent = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await replicas.fetchAt(() => first)(`${replicas.origin}/mcp/world`, {
        ...init,
        headers: sent,
      })
      await answer.text()
      return answer.status === 401
    }
    await until(isRefused, 'the first refuses it')
    expect([await isRefused(), await isRefused()]).toEqual([true, true]) // both of its workers
    await session.close()
  })
})
