// When an upstream counts as ready, from what happened to requests.
import { describe, expect, it } from 'vitest'
import type { UpstreamSettings } from '../../src/core/settings.ts'
import { createHealth } from '../../src/upstream/health.ts'
import { createUpstream } from '../../src/upstream/upstream.ts'
import { startUpstream } from '../support/upstream.ts'
import { GET_REQUEST, writeHeaders } from '../support/upstream-request.ts'

const DOWN = { reason: 'upstream_unreachable', detail: 'ECONNREFUSED' } as const

describe('health of an upstream', () => {
  const cases: [string, { failedAt?: number; thenOkAt?: number; asked: number }, boolean][] = [
    ['before the first request', { asked: 0 }, true],
    ['right after a failure', { failedAt: 0, asked: 0 }, false],
    ['ten seconds less a moment after it', { failedAt: 0, asked: 9_999 }, false],
    ['ten seconds after it, so that requests come again', { failedAt: 0, asked: 10_000 }, true],
    ['after a success', { failedAt: 0, thenOkAt: 1, asked: 2 }, true],
  ]

  it.each(cases)('K11: %s', (_when, { failedAt, thenOkAt, asked }, ready) => {
    let now = 0
    const health = createHealth('notes upstream', () => now)
    if (failedAt !== undefined) health.failed(DOWN)
    if (thenOkAt !== undefined) {
      now = thenOkAt
      health.succeeded()
    }
    now = asked
    expect(health.status().ready).toBe(ready)
  })

  it('K11: the last error stays to be read until something succeeds', () => {
    let now = 0
    const health = createHealth('notes upstream', () => now)
    health.failed(DOWN)
    now = 60_000
    expect(health.status()).toMatchObject({ ready: true, lastError: 'upstream_unreachable (ECONNREFUSED)' })
    health.succeeded()
    expect(health.status()).toMatchObject({ ready: true, ageMs: 0, lastError: undefined })
  })
})

describe('a client that leaves before the answer', () => {
  it('L25: is no failure of the upstream', async () => {
    const reached = Promise.withResolvers<void>()
    const server = await startUpstream(() => reached.resolve())
    const settings: UpstreamSettings = {
      ...{
        url: server.url,
        transport: 'http',
        ca: undefined,
        passQuery: false,
        badRequestEndsSession: false,
        keepAliveMs: 4_000,
      },
      ...{ connectTimeoutMs: 3_000, timeoutMs: 60_000, idleTimeoutMs: 60_000 },
    }
    const upstream = createUpstream(settings, 'notes upstream', writeHeaders, {
      streams: 10,
      sharePerCaller: 0.25,
    })
    const sent = upstream.send({
      ...{ caller: 'a', isStream: false },
      ...GET_REQUEST,
      bufferJsonUpTo: 0,
    })
    await reached.promise
    sent.abort()
    expect(await sent.reply).toMatchObject({ ok: false })
    expect(upstream.status()).toMatchObject({ ready: true, lastError: undefined })
    upstream.close()
    await server.close()
  })
})
