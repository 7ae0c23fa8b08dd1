// Responses in somebody else's server: waited for, then cut off, and no other response with them.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { OpenResponses } from '../../src/http/open-responses.ts'

interface Scene {
  readonly open: OpenResponses
  /** Asks, and resolves when the server has the request; `ours` are those that are counted. */
  ask(
    whose: 'ours' | 'host',
  ): Promise<{ readonly response: ServerResponse; readonly answer: Promise<Response> }>
}

async function openScene(): Promise<Scene> {
  const open = new OpenResponses()
  let arrived = Promise.withResolvers<ServerResponse>()
  const server = createServer((request, response) => {
    if (request.url === '/ours') open.add(response)
    arrived.resolve(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    open,
    async ask(whose) {
      arrived = Promise.withResolvers()
      const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${whose}`)
      answer.catch(() => {}) // told to whoever waits for it
      return { response: await arrived.promise, answer }
    },
  }
}

test('with none open it is over at once', async () => {
  const { open, ask } = await openScene()
  const { response, answer } = await ask('ours')
  response.end('done')
  await (await answer).text()
  const onOver = vi.fn()
  await open.end(60_000, onOver)
  expect(onOver).not.toHaveBeenCalled()
})

test('it is over when the last one has ended', async () => {
  const { open, ask } = await openScene()
  const [first, second] = [await ask('ours'), await ask('ours')]
  const over = vi.fn()
  const ending = open.end(60_000, () => {}).then(over)
  first.response.end()
  await (await first.answer).text()
  expect(over).not.toHaveBeenCalled()
  second.response.end()
  await ending
})

test('what is left is told, then cut off; a response of the host is not', async () => {
  const { open, ask } = await openScene()
  const [told, silent, host] = [await ask('ours'), await ask('ours'), await ask('host')]
  await open.end(20, () => told.response.end('in words'))
  expect(await (await told.answer).text()).toBe('in words')
  await expect(silent.answer).rejects.toThrow()
  host.response.end('of the host')
  expect(await (await host.answer).text()).toBe('of the host')
})
