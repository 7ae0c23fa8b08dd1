// `limits.programs`: how many programs run behind all routes together, and how many of them are one caller's.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { beginSession, isThere, PLAIN, type ProgramRoute, toolMessage } from '../support/program/client.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

const PROGRAM = `command: ["${process.execPath}", "${PLAIN}"]`
const BOTH_OPEN = `
      default: allow
  - name: b
    path: /mcp/b
    upstream: { ${PROGRAM} }
    issuers: [as1]
    scopes: [a]
    policy: { default: allow }`

/** Two routes, whose programs count together. */
async function startBoth(limits: string): Promise<{ readonly a: ProgramRoute; readonly b: ProgramRoute }> {
  gateway = await startTestGateway({ program: PROGRAM, policy: BOTH_OPEN, top: `limits: { ${limits} }` })
  const { origin, token, post } = gateway
  const resource = `${origin}/mcp/b`
  return {
    a: gateway,
    b: {
      resource,
      token: (scope, claims) => token(scope, { aud: resource, ...claims }),
      post: (body, headers) => post(body, headers, '/mcp/b'),
    },
  }
}

const WORK = toolMessage('later', { ms: 3_000, value: 'done' })

test('one caller’s programs of all routes count together: over its share it is 429, somebody else not', async () => {
  const { a, b } = await startBoth('programs: 8') // a quarter: 2
  const work = [await beginSession(a, 'ada'), await beginSession(b, 'ada')].map(({ post }) => post(WORK))
  await expect(beginSession(a, 'ada')).rejects.toThrow('429')
  await expect(beginSession(b, 'ada')).rejects.toThrow('429')
  const other = await beginSession(b, 'bob')
  expect(await other.call('echo', { value: 'v' })).toBe('v')
  expect((await Promise.all(work)).map(({ status }) => status)).toEqual([200, 200])
})

test('the programs of all: where all of them work, the next caller is 503', async () => {
  const { a, b } = await startBoth('programs: 2, share_per_caller: 50%')
  const work = [await beginSession(a, 'ada'), await beginSession(b, 'bob')].map(({ post }) => post(WORK))
  await expect(beginSession(a, 'eve')).rejects.toThrow('503')
  await expect(beginSession(b, 'eve')).rejects.toThrow('503')
  expect((await Promise.all(work)).map(({ status }) => status)).toEqual([200, 200])
})

test.each([
  ['of the same route', 'a'],
  ['of another route', 'b'],
] as const)('… and where one %s does nothing, it makes room', async (_which, name) => {
  const both = await startBoth('programs: 2, share_per_caller: 50%')
  const idle = await beginSession(both[name], 'ada')
  const pid = Number(await idle.call('pid'))
  const busy = await beginSession(both.a, 'bob')
  const work = busy.post(WORK)
  const next = await beginSession(both.a, 'eve')
  expect(await next.call('echo', { value: 'v' })).toBe('v')
  await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false)
  expect((await idle.post(toolMessage('pid'))).status).toBe(404)
  expect((await work).status).toBe(200)
})

test('… also where its own program of another route does nothing', async () => {
  const { a, b } = await startBoth('programs: 4') // a quarter: 1
  const idle = await beginSession(b, 'ada')
  await idle.call('pid')
  const next = await beginSession(a, 'ada')
  expect(await next.call('echo', { value: 'v' })).toBe('v')
  expect((await idle.post(toolMessage('pid'))).status).toBe(404)
})
