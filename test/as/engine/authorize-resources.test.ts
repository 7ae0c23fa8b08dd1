// Which resource an authorization request means (RFC 8707), written as clients write it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asked, begin, type Changes, expectTold } from './request-context.ts'
import { authorize, createScene, notesRoute, pkce, register, type Scene } from './scene.ts'
import type { Script } from './scripted-people.ts'
import { newClient } from './steps.ts'

let scene: Scene
let clientId: string
const seen: NonNullable<Script['asked']> = []
beforeAll(async () => {
  scene = await createScene({ script: { asked: seen } })
  clientId = await newClient(scene)
})
afterAll(() => scene.stop())

const { challenge } = pkce()
const usual = (changes: Changes = {}) => asked(clientId, challenge, changes)

describe('AS-05, A14: resources', () => {
  test.each([
    ['absent', undefined],
    ['as it is', ''],
    ['with a slash', '/'],
  ])('%s', async (_what, suffix) => {
    const resource = suffix === undefined ? undefined : scene.resource + suffix
    const { params } = await authorize(scene, usual({ resource }))
    expect(params.has('code')).toBe(true)
    expect(seen.at(-1)?.resource).toBe(scene.resource)
  })

  test.each([
    ['the origin alone', (origin: string) => origin],
    ['the origin with a slash', (origin: string) => `${origin}/`],
    ['the scheme in capitals', (origin: string) => `${origin.replace('http', 'HTTP')}/notes/mcp`],
  ])('Q-13: %s means the only route', async (_what, of) => {
    await authorize(scene, usual({ resource: of(scene.origin) }))
    expect(seen.at(-1)?.resource).toBe(scene.resource)
  })

  test.each(['https://other.example/mcp', 'notes', '/notes/mcp', 'mailto:a@b.example'])(
    'unknown: %s',
    (resource) => expectTold(scene, usual({ resource }), 'invalid_target'),
  )

  test('two at once', async () => {
    const query = new URLSearchParams(usual({ resource: scene.resource }))
    query.append('resource', 'https://other.example/mcp')
    const answer = await begin(scene, query)
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_target')
  })

  test('the origin alone with two routes', async () => {
    const two = await createScene({ routes: (origin) => [notesRoute(origin), notesRoute(origin, '/b/mcp')] })
    const app = String((await register(two)).json['client_id'])
    const { params } = await authorize(two, usual({ client_id: app, resource: two.origin }))
    expect(params.get('error')).toBe('invalid_target')
    const named = await authorize(two, usual({ client_id: app, resource: `${two.origin}/b/mcp` }))
    expect(named.params.has('code')).toBe(true)
    await two.stop()
  })
})
