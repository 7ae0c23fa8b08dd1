// What the gateway does for a browser that signs in: it counts as the person, and what breaks is no refusal of theirs.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAgent } from '../support/agent.ts'
import { databaseOf } from '../support/database.ts'
import { PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'

const PUBLIC = 'https://mcp.example.com'
const ROUTE = {
  name: 'notes',
  issuer: 'home',
  resource: RESOURCE,
  subjectClaims: ['sub'],
  scopes: ['notes:read'],
  allowedOrigins: ['https://notes.example.com'],
  session: { idleSeconds: 1_800, absoluteSeconds: 43_200 },
}
const OTHER_ROUTE = { ...ROUTE, name: 'pay', allowedOrigins: ['https://pay.example.com'] }
/** Sign-ins that one address may begin, and failures at the token endpoint that it may have. */
const ALLOWED = 300

let scene: Scene
beforeEach(async () => {
  scene = await startScene({ publicUrl: PUBLIC, browser: [ROUTE, OTHER_ROUTE] })
})
afterEach(() => scene.close())

const newAgent = () => createAgent({ publicOrigin: PUBLIC, listening: scene.listening })

/** Comes back with a code that nobody gave out. */
async function makeUp(address: string): Promise<number> {
  const agent = newAgent()
  const from = { 'x-test-address': address }
  const begun = await agent.get(`${PUBLIC}/auth/login?route=notes`, from)
  if (begun.location === undefined) return begun.status
  const state = new URL(begun.location).searchParams.get('state') ?? ''
  const back = new URLSearchParams({ state, iss: PUBLIC, code: 'x'.repeat(43) })
  return (await agent.get(`${PUBLIC}/auth/callback?${back}`, from)).status
}

test('H3: somebody who makes up codes shuts nobody else out', async () => {
  for (let tries = 0; tries < ALLOWED; tries += 1) expect(await makeUp('192.0.2.1')).toBe(400)
  expect(await makeUp('192.0.2.1')).toBe(429)
  const person = newAgent()
  const page = await person.follow(await person.get(`${PUBLIC}/auth/login?route=notes`))
  const entered = await person.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
  const done = await person.follow(await person.press(await person.follow(entered), 'answer', 'allow'))
  expect(done.body).toContain('You are signed in.')
})

test('a fault of our own server is thrown, and not taken for a wrong code', async () => {
  const agent = newAgent()
  const begun = await agent.get(`${PUBLIC}/auth/login?route=notes`)
  const state = new URL(begun.location ?? '').searchParams.get('state') ?? ''
  databaseOf(scene.engine.store).exec('DROP TABLE artifacts')
  const back = new URLSearchParams({ state, iss: PUBLIC, code: 'x'.repeat(43) })
  expect((await agent.get(`${PUBLIC}/auth/callback?${back}`)).status).toBe(500)
  expect(scene.faults.splice(0)).toEqual([expect.objectContaining({ message: 'no such table: artifacts' })])
  expect(scene.events).toEqual([])
})

test('H3, G2: whoever only begins to sign in leaves nothing behind, so nobody can be crowded out', async () => {
  const kept = databaseOf(scene.engine.store).prepare('SELECT kind FROM single_use')
  for (let begun = 0; begun < 20; begun += 1)
    expect((await newAgent().get(`${PUBLIC}/auth/login?route=notes`)).status).toBe(303)
  expect(kept.all()).toEqual([])
  expect(await makeUp('192.0.2.1')).toBe(400)
  expect(kept.all()).toHaveLength(1)
})

test.each([
  ['notes', 'https://notes.example.com', 'https://notes.example.com'],
  ['notes', 'https://pay.example.com', null],
  ['pay', 'https://notes.example.com', null],
  ['another', 'https://notes.example.com', null],
])('G9: who is signed in on %s is told to %s: %s', async (route, origin, told) => {
  const { headers } = await newAgent().get(`${PUBLIC}/auth/status?route=${route}`, { origin })
  expect(headers.get('access-control-allow-origin')).toBe(told)
  expect(headers.get('access-control-allow-credentials')).toBe(told && 'true')
})

test('L47 what it says is JSON to every browser', async () => {
  const { headers } = await newAgent().get(`${PUBLIC}/auth/status`)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})
