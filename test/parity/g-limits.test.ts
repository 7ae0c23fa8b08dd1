// G13 and G14 of the comparison with other systems: limits of a whole gateway, each counted for whom it is meant, in
// tables that stay small; and transports that are not spoken here.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type AddressLimit,
  createAddressLimits,
  type StoredAddressLimit,
} from '../../src/as/engine/address-limits.ts'
import { openStore } from '../../src/as/store/sqlite/open-store.ts'
import { createRateLimit } from '../../src/limits/rates.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
afterEach(async () => {
  vi.useRealTimers()
  await gateway?.close()
})

const PROXY = 'trusted_proxies: [127.0.0.1]'

async function start(limits: string): Promise<void> {
  gateway = await startTestGateway({ top: PROXY, route: `    limits: { ${limits} }` })
}

const bearer = (token: string, address: string) => ({
  authorization: `Bearer ${token}`,
  'x-forwarded-for': address,
})

async function call(token: string, address = '192.0.2.1', tool = 'safe'): Promise<number> {
  return (await gateway.post(toolCall(tool), bearer(token, address))).status
}

const of = (subject: string) => gateway.token('a', { sub: subject })

import { USUAL_LIMITS } from '../as/support/limits.ts'

describe('G13: for whom a limit is', () => {
  test('G13: a burst is 429 with Retry-After, for that person alone', async () => {
    await start('rate: { per_subject: 3/h }')
    const burst = await Promise.all(Array.from({ length: 10 }, () => call(of('one'))))
    expect(burst.sort()).toEqual([200, 200, 200, ...Array.from({ length: 7 }, () => 429)])
    const refused = await gateway.post(toolCall('safe'), bearer(of('one'), '192.0.2.1'))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)
    expect(await call(of('two'))).toBe(200)
  })

  test('G13: one person at many addresses is one person', async () => {
    await start('rate: { per_subject: 3/h }')
    const statuses: number[] = []
    for (let index = 1; index <= 5; index += 1) statuses.push(await call(of('one'), `192.0.2.${index}`))
    expect(statuses).toEqual([200, 200, 200, 429, 429])
  })

  test('G13: a tool has its own', async () => {
    await start('rate: { per_tool: { safe: 1/h } }')
    expect([await call(of('one')), await call(of('one'))]).toEqual([200, 429])
    expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200)
  })

  test('G13: so many streams at a time', async () => {
    await start('streams_per_subject: 1')
    gateway.upstream.respond = (_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': open\n\n')
    }
    const open = () =>
      fetch(gateway.resource, { headers: { ...bearer(of('one'), '192.0.2.1'), accept: 'text/event-stream' } })
    const first = await open()
    const second = await open()
    expect([first.status, second.status]).toEqual([200, 429])
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/)
    await first.body?.cancel()
  })
})

describe('G13: failed tokens are counted apart', () => {
  test('G13: they use up nothing of a person, nor a person anything of theirs', async () => {
    await start('rate: { per_subject: 2/h, failed_auth_per_address: 2/h }')
    const wrong = [await call('x'), await call('y'), await call('z')]
    expect(wrong).toEqual([401, 401, 429])
    const elsewhere = '192.0.2.2'
    const one = [
      await call(of('one'), elsewhere),
      await call(of('one'), elsewhere),
      await call(of('one'), elsewhere),
    ]
    expect(one).toEqual([200, 200, 429])
    expect(await call('x', elsewhere)).toBe(401)
  })

  test('G13: a thousand addresses that fail once each hold up nobody', async () => {
    await start('rate: { failed_auth_per_address: 1/h }')
    for (let index = 0; index < 1_000; index += 1)
      expect(await call('x', `198.51.${Math.floor(index / 250)}.${index % 250}`)).toBe(401)
    expect(await call(of('one'), '203.0.113.1')).toBe(200)
  })

  test('G13: addresses of one IPv6 network are one', async () => {
    await start('rate: { failed_auth_per_address: 1/h }')
    const statuses: number[] = []
    for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::', '2001:db8:0:1::1'])
      statuses.push(await call('x', address))
    expect(statuses).toEqual([401, 429, 429, 401])
  })
})

describe('G13: tables are bounded', () => {
  test('G13: of keys, the oldest that holds nobody back is forgotten', () => {
    const limit = createRateLimit({ count: 2, seconds: 3_600 })
    limit.take('first')
    limit.take('held', 2)
    for (let index = 0; index < 10_000; index += 1) limit.take(`key ${index}`)
    expect([limit.peek('first', 2), limit.peek('held'), limit.peek('key 9999', 2)]).toEqual([
      undefined,
      3_600,
      3_600,
    ])
  })

  test('G13: of addresses at the authorization server, those that were counted least', async () => {
    const store = await openStore(':memory:', { secret: Buffer.alloc(32, 7), clock: { now: () => 0 } })
    const { userCodes, registrations } = createAddressLimits(store, USUAL_LIMITS)
    const exhaust = async (address: string, times: number, { take }: AddressLimit | StoredAddressLimit) => {
      for (let taken = 0; taken < times; taken += 1) await take(address)
    }
    await exhaust('first', 5, userCodes)
    await exhaust('first', 100, registrations)
    for (let index = 0; index < 10_000; index += 1)
      for (const { take } of [userCodes, registrations]) await take(`address ${index}`)
    await exhaust('address 9999', 4, userCodes)
    expect([userCodes.wait('first'), userCodes.wait('address 9999')]).toEqual([60, 60])
    expect(await registrations.take('first')).toBe(3_600)
    const { n } = store.database.prepare('SELECT count(*) AS n FROM tallies').get() ?? {}
    expect(n).toBeLessThanOrEqual(10_000)
    await store.close()
  })
})

describe('G14: transports', () => {
  /** The answer to a request to go on in another protocol. */
  async function upgrade(headers: Readonly<Record<string, string>>): Promise<string> {
    const asked = request(gateway.resource, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'eHh4eHh4eHh4eHh4eHh4eA==',
        'sec-websocket-version': '13',
        ...headers,
      },
    })
    const followed = once(asked, 'upgrade').then(() => 'followed')
    const answered = once(asked, 'response').then(([answer]) => {
      const { statusCode, headers: said } = (answer as IncomingMessage).resume()
      return `${statusCode} ${said['upgrade'] ?? 'no upgrade'}`
    })
    asked.end()
    return await Promise.race([followed, answered])
  }

  test('G14: WebSocket is not spoken: without a token 401, with one an answer of plain HTTP', async () => {
    gateway = await startTestGateway()
    expect(await upgrade({})).toBe('401 no upgrade')
    expect(gateway.upstream.received).toHaveLength(0)
    gateway.upstream.respond = (_asked, response) => response.writeHead(405, { upgrade: 'websocket' }).end()
    expect(await upgrade({ authorization: `Bearer ${gateway.token()}` })).toBe('405 no upgrade')
    const [seen] = gateway.upstream.received
    expect([seen?.headers.upgrade, seen?.headers.connection]).toEqual([undefined, undefined])
  })
})
