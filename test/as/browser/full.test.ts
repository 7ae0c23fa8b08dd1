// What sessions of browsers keep in memory, filled to the brim: who signed out stays signed out, whatever others do, and
// when there is no room, that is said.
import type { IncomingMessage } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBrowserStateInMemory } from '../../../src/as/web/browser-state.ts'
import { createCookieJar } from '../../../src/as/web/cookies.ts'
import { createSessionStore } from '../../../src/as/web/session-store.ts'
import { createAgent } from '../support/agent.ts'
import { auth, callNotes, isSignedIn, startElsewhere } from '../support/elsewhere.ts'
import { startProvider } from '../support/provider.ts'
import { ELSEWHERE } from '../support/sign-in-state.ts'

const HOUR = 3_600_000
const ROUTE = { name: 'notes', issuer: 'corp', session: { idleSeconds: 1_800, absoluteSeconds: 43_200 } }

function open() {
  const clock = { at: Date.UTC(2026, 0, 1), now: () => clock.at }
  const browserState = createBrowserStateInMemory(clock)(undefined)
  const sessions = createSessionStore(createCookieJar(true), browserState, ELSEWHERE)
  const begin = (subject: string): IncomingMessage => {
    const provedAt = Math.floor(clock.at / 1_000)
    const beginning = {
      token: 't',
      subject,
      provedAt,
      loginSession: undefined,
      expiresAt: clock.at + 12 * HOUR,
    }
    const written = sessions.begin(ROUTE, beginning) ?? ''
    return { rawHeaders: ['cookie', written.split(';')[0] ?? ''] } as IncomingMessage
  }
  const isIn = async (request: IncomingMessage) => (await sessions.read(ROUTE, request)) !== undefined
  const end = async (request: IncomingMessage) => (await sessions.end(ROUTE, request)).isEnded
  return { clock, browserState, begin, isIn, end }
}

describe('A82: sessions that were ended', () => {
  test('one person who signs in and out for ever brings nobody back', async () => {
    const { begin, isIn, end } = open()
    const stolen = begin('ada')
    expect(await end(stolen)).toBe(true)
    for (let i = 0; i < 25_000; i += 1) expect(await end(begin('mallory'))).toBe(true)
    expect(await isIn(stolen)).toBe(false)
  })

  test('nor does a crowd: when there is no room, an end is refused, and room comes with time', async () => {
    const { clock, begin, isIn, end } = open()
    const stolen = begin('ada')
    await end(stolen)
    let [refused, remembered]: (IncomingMessage | undefined)[] = []
    for (let i = 0; i < 25_000 && refused === undefined; i += 1) {
      const session = begin(`person ${i}`)
      if (!(await end(session))) refused = session
      else remembered = session
    }
    expect([await isIn(stolen), await isIn(remembered as IncomingMessage)]).toEqual([false, false])
    expect(await isIn(refused as IncomingMessage)).toBe(true)
    expect(await end(begin('ada'))).toBe(true) // who is known there needs no more room
    clock.at += 13 * HOUR
    const later = begin('grace')
    expect([await end(later), await isIn(later)]).toEqual([true, false])
  })

  test('many sessions of one person: each that was ended stays so, and one begun after works', async () => {
    const { clock, begin, isIn, end } = open()
    const sessions = Array.from({ length: 50 }, () => begin('ada'))
    for (const session of sessions) expect(await end(session)).toBe(true)
    for (const session of sessions) expect(await isIn(session)).toBe(false)
    clock.at += 1
    expect(await isIn(begin('ada'))).toBe(true)
    clock.at += 12 * HOUR
    for (const session of sessions) expect(await isIn(session)).toBe(false)
  })
})

test('A82: a state that came back counts once, however many do; with no room it does not count', async () => {
  const { clock, browserState } = open()
  const goneAt = clock.at + 600_000
  expect(await browserState.usedStates.use('mine', goneAt)).toBe('first')
  let last = 'first'
  for (let i = 0; i < 20_000 && last === 'first'; i += 1)
    last = await browserState.usedStates.use(`state ${i}`, goneAt)
  expect([last, await browserState.usedStates.use('mine', goneAt)]).toEqual(['full', 'again'])
  clock.at += 600_001
  expect(await browserState.usedStates.use('other', clock.at + 600_000)).toBe('first')
})

describe('A83: sign-ins begun', () => {
  test('one network has an allowance, and others theirs; counts that limit are not pushed out', () => {
    const { clock, browserState } = open()
    const take = (address: string) => browserState.signInRate.take(address)
    for (let i = 0; i < 300; i += 1) expect(take('192.0.2.1')).toBeUndefined()
    expect(take('192.0.2.1')).toEqual({ waitSeconds: 900, isNews: true })
    expect(take('192.0.2.1')).toEqual({ waitSeconds: 900, isNews: false })
    for (let i = 0; i < 30_000; i += 1) take(`2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`)
    clock.at += 2_000
    expect(take('203.0.113.9')).toBeUndefined()
    expect(take('192.0.2.1')?.waitSeconds).toBe(898)
    clock.at += 900_000
    expect(take('192.0.2.1')).toBeUndefined()
  })

  test('over sockets: 429 with the time to wait, one record, and the sessions that are there go on', async () => {
    const provider = await startProvider()
    const gateway = await startElsewhere(provider.url)
    onTestFinished(async () => {
      await gateway.close()
      await provider.close()
    })
    provider.accessToken = { aud: `${gateway.origin}/notes/mcp`, scope: 'notes:read' }
    const agent = createAgent()
    await agent.follow(await agent.get(auth(gateway, 'login')))
    expect(await isSignedIn(gateway, agent)).toBe(true)
    const statuses = new Set<number>()
    for (let i = 0; i < 305; i += 1) statuses.add((await createAgent().get(auth(gateway, 'login'))).status)
    expect([...statuses]).toEqual([303, 429])
    const refused = await createAgent().get(auth(gateway, 'login'))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await gateway.reload()
    expect((await createAgent().get(auth(gateway, 'login'))).status).toBe(429)
    expect(await callNotes(gateway, agent)).toBe(200)
    const told = gateway.audit().split('too many sign-ins were begun from this network')
    expect(told).toHaveLength(2)
  })
})
