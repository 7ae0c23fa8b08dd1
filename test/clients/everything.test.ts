// The official clients through the gateway at a server that offers everything, in both eras: what MCP can do, it can
// do here too, and policy holds in all of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { decisionsOf } from '../support/scrape.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { KINDS, open, type Session } from './session.ts'

const POLICY = `
      rules:
        - { name: tools, tools: ["test_*"], except: [test_image_content, test_error_handling], scopes: [a] }
        - { name: images, tools: [test_image_content], scopes: [images] }
        - { name: prompts, prompts: [test_simple_prompt, test_prompt_with_arguments], scopes: [a] }
        - { name: files, resources: ["test://static-text", "test://watched-resource", "test://template/**"], scopes: [a] }`

let upstream: RunningServer
let gateway: TestGateway
beforeAll(async () => {
  upstream = await startEverything()
  gateway = await startTestGateway({ upstreamUrl: upstream.url, policy: POLICY, auditRequired: true })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

describe.each(KINDS)('%s', (kind) => {
  let session: Session
  beforeAll(async () => {
    session = await open(kind, gateway.resource, { token: gateway.token() })
  })
  afterAll(() => session.close())

  test('ERA-01 the era is the one it opened with; only the older has sessions (LEG-02, T26-21)', () => {
    expect(session.modern).toBe(kind === 'client 2.x')
    expect(session.sessionId === undefined).toBe(session.modern)
  })

  test('SCP-01 tools are listed by scope, and called', async () => {
    const names = await session.tools()
    expect(names).toContain('test_simple_text')
    expect(names).not.toContain('test_image_content')
    expect(names).not.toContain('test_error_handling')
    expect(await session.call('test_simple_text')).toMatchObject({
      content: [{ text: 'This is a simple text response for testing.' }],
    })
  })

  test('SCP-03 a tool that was not listed is refused when it is called', async () => {
    await expect(session.call('test_image_content')).rejects.toThrow(/403|scope/i)
    await expect(session.call('test_error_handling')).rejects.toThrow(/403|denied/i)
  })

  test('SCP-01 resources and templates: listed, read, refused', async () => {
    expect(await session.resources()).toEqual(['test://static-text', 'test://watched-resource'])
    expect(await session.templates()).toEqual(['test://template/{id}/data'])
    expect(await session.read('test://template/7/data')).toMatchObject({
      contents: [{ uri: 'test://template/7/data' }],
    })
    await expect(session.read('test://static-binary')).rejects.toThrow(/403|denied/i)
  })

  test('SCP-01 SCP-06 prompts: listed, filled in, completed, refused', async () => {
    expect(await session.prompts()).toEqual(['test_simple_prompt', 'test_prompt_with_arguments'])
    expect(await session.prompt('test_simple_prompt')).toMatchObject({ messages: [{ role: 'user' }] })
    expect(await session.complete('test_prompt_with_arguments', 'arg1', '')).toEqual(expect.any(Array))
    await expect(session.prompt('test_prompt_with_image')).rejects.toThrow(/403|denied/i)
    await expect(session.complete('test_prompt_with_image', 'a', '')).rejects.toThrow(/403|denied/i)
  })

  test('progress arrives while the tool works', async () => {
    const seen: number[] = []
    await session.call('test_tool_with_progress', {}, { onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([0, 50, 100])
  })

  test('LEG-06 T26-27 the server asks the person and the model, and gets its answers', async () => {
    expect(await session.call('test_elicitation', { message: 'who?' })).toMatchObject({
      content: [{ text: expect.stringContaining('accept') }],
    })
    expect(await session.call('test_sampling', { prompt: 'say' })).toMatchObject({
      content: [{ text: expect.stringContaining('from the model') }],
    })
  })

  test('SCP-06 T26-25 a resource is watched in the way of the era; a forbidden one is not', async () => {
    expect(await session.watch('test://watched-resource')).toEqual(expect.any(Object))
    await expect(session.watch('test://static-binary')).rejects.toThrow(/403|denied|closed/i)
  })

  test('T26-22 LEG-10 a call that is cancelled ends for the client', async () => {
    const stop = new AbortController()
    const call = session.call('test_tool_with_logging', {}, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow(/enough|abort/i)
    expect(await session.tools()).toContain('test_simple_text')
  })

  test('every line of the audit names this caller', () => {
    const named = decisionsOf(gateway).filter(({ reason }) => reason === undefined)
    expect(named.length).toBeGreaterThan(5)
    for (const line of named) expect(line).toMatchObject({ subject: 'user-1', client: 'client-1' })
  })
})

describe.each(KINDS.filter((kind) => kind !== 'client 2.x'))('%s', (kind) => {
  test('LEG-04 LEG-03 logging level, and DELETE ends the session at the upstream', async () => {
    const session = await open(kind, gateway.resource, { token: gateway.token() })
    expect(await session.setLevel()).toEqual({})
    await session.end()
    await session.close()
    expect(decisionsOf(gateway).at(-1)).toMatchObject({
      http_method: 'DELETE',
      decision: 'allowed',
      status: 200,
    })
  })
})
