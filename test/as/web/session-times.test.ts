// G5: how long the session of a browser lasts is what the file says, and says now: of a session from before, too.
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createBrowserStateInMemory } from '../../../src/as/web/browser-state.ts'
import { createCookieJar } from '../../../src/as/web/cookies.ts'
import { createSessionStore } from '../../../src/as/web/session-store.ts'
import { ELSEWHERE } from '../support/sign-in-state.ts'

const MINUTE = 60_000

function open() {
  const clock = { at: Date.UTC(2026, 0, 1), now: () => clock.at }
  const browserState = createBrowserStateInMemory(clock)(undefined)
  const sessions = createSessionStore(createCookieJar(true), browserState, ELSEWHERE)
  const routeOf = (idleMinutes: number, absoluteMinutes: number) => ({
    ...{ name: 'notes', issuer: 'corp' },
    session: { idleSeconds: idleMinutes * 60, absoluteSeconds: absoluteMinutes * 60 },
  })
  const asked = (cookie = '') => ({ rawHeaders: ['cookie', cookie.split(';')[0] ?? ''] }) as IncomingMessage
  const begin = (route: ReturnType<typeof routeOf>, hours = 24 * 7, subject = 'ada') => {
    const provedAt = Math.floor(clock.at / 1_000)
    const expiresAt = clock.at + hours * 60 * MINUTE
    return asked(sessions.begin(route, { token: 't', subject, provedAt, loginSession: undefined, expiresAt }))
  }
  return { clock, sessions, routeOf, asked, begin }
}

test('without a request it ends after `idle_timeout`, and with requests after `absolute_timeout`', async () => {
  const { clock, sessions, routeOf, asked, begin } = open()
  const route = routeOf(10, 60)
  const idle = begin(route)
  let used = begin(route)
  for (let minute = 9; minute < 60; minute += 9) {
    clock.at += 9 * MINUTE
    const { renewed } = (await sessions.use(route, used)) ?? {}
    expect(renewed).toBeDefined()
    used = asked(renewed)
  }
  expect(await sessions.read(route, idle)).toBeUndefined()
  expect(await sessions.read(route, used)).toBeDefined()
  clock.at += 6 * MINUTE
  expect(await sessions.read(route, used)).toBeUndefined()
})

test('longer than half an hour and twelve hours, never longer than its token', async () => {
  const { clock, sessions, routeOf, begin } = open()
  const route = routeOf(24 * 60, 48 * 60)
  const [session, short] = [begin(route), begin(route, 13)]
  clock.at += 13 * 60 * MINUTE
  expect([(await sessions.read(route, session))?.subject, await sessions.read(route, short)]).toEqual([
    'ada',
    undefined,
  ])
})

test('a file that became stricter counts for sessions from before', async () => {
  const { clock, sessions, routeOf, begin } = open()
  const session = begin(routeOf(30, 720))
  clock.at += 11 * MINUTE
  expect(await sessions.read(routeOf(30, 720), session)).toBeDefined()
  expect(await sessions.read(routeOf(10, 720), session)).toBeUndefined()
  expect(await sessions.read(routeOf(30, 10), session)).toBeUndefined()
})

test('sessions that were ended all at once stay so, whatever the file said before and says later', async () => {
  const { clock, sessions, routeOf, begin } = open()
  const [long, short] = [routeOf(7 * 1_440, 7 * 1_440), routeOf(5, 5)]
  const stolen = begin(long)
  for (let i = 0; i < 25; i += 1) expect((await sessions.end(short, begin(short))).isEnded).toBe(true)
  clock.at += 60 * MINUTE
  for (let i = 0; i < 12_000; i += 1) await sessions.end(short, begin(short, 1, `person ${i}`)) // until room is looked for
  expect(await sessions.read(long, stolen)).toBeUndefined()
})
