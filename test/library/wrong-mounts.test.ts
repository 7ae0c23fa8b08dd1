// A host that hands over less than the request that was sent is refused with a sentence, never served by guesswork: each
// way to mount the handler wrongly, over a socket.
import { once } from 'node:events'
import { createServer, IncomingMessage, type Server, ServerResponse, request as send } from 'node:http'
import { connect, createServer as createHttp2 } from 'node:http2'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import express, { type ErrorRequestHandler } from 'express'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import type { GatewayHandler } from '../../src/library.ts'
import { toolCall } from '../support/gateway.ts'
import { type Mount, startHost, type TestHost } from './host.ts'
import { honoMiddleware } from './mounts.ts'

/** Express's errors as text, so that a test reads what the host was told. */
const tell: ErrorRequestHandler = (error, _request, response, _next) =>
  void response.status(500).send(String(error))

const inExpress =
  (build: (app: express.Express, handler: GatewayHandler) => void): Mount =>
  (handler) => {
    const app = express()
    build(app, handler)
    app.use(tell)
    return app
  }

const readInHono: Mount = (handler) => {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (context, next) => {
    await context.req.text()
    await next()
  })
  app.use(honoMiddleware(handler))
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}

const BODY = 'the body was read before'
const PATH = 'it was mounted under a path'
const rows: readonly (readonly [string, Mount, string])[] = [
  ['Express has parsed the body', inExpress((app, handler) => app.use(express.json()).use(handler)), BODY],
  ['Hono has read the body', readInHono, BODY],
  [
    'the body is read meanwhile',
    (handler) => (request, response) => {
      request.resume()
      handler(request, response)
    },
    BODY,
  ],
  [
    'the body was turned into text',
    (handler) => (request, response) => {
      request.setEncoding('utf8')
      handler(request, response)
    },
    BODY,
  ],
  ['Express cuts the path off', inExpress((app, handler) => app.use('/mcp', handler)), PATH],
  [
    'the raw header fields are gone',
    (handler) => (request, response) => {
      request.rawHeaders = []
      handler(request, response)
    },
    'with their rawHeaders',
  ],
  [
    'there never were any',
    (handler) => (request, response) => {
      Object.defineProperty(request, 'rawHeaders', { value: undefined })
      handler(request, response)
    },
    'with their rawHeaders',
  ],
]
const cases = rows.map(([name, mount, fault]) => ({ name, mount, fault }))

const faultsOf = ({ log }: TestHost) =>
  log.filter(({ event }) => event === 'mounted_wrongly').map(({ message }) => message)

test.each(cases)('$name: every request is refused, and the operator is told once why', async (row) => {
  const host = await startHost(row.mount)
  for (const _time of [1, 2]) {
    const answer = await host.post(toolCall('safe'))
    expect(answer.status).toBe(500)
    expect(await answer.text()).toMatch(
      /^\{"error":"internal"\}$|cannot serve a request as it was handed over/,
    )
  }
  expect(faultsOf(host)).toEqual([expect.stringContaining(row.fault)])
  expect(host.upstream.received).toEqual([])
})

test('a host that has read a body of its own is left alone', async () => {
  const { origin, log } = await startHost(
    inExpress((app, handler) =>
      app
        .use(express.json())
        .use(handler)
        .post('/own', (request, response) => void response.send(request.body)),
    ),
  )
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/own`, { method: 'POST', headers, body: '{"a":1}' })
  expect(await answer.json()).toEqual({ a: 1 })
  expect(log.filter(({ event }) => event === 'mounted_wrongly')).toEqual([])
})

test('Express is told by its own way', async () => {
  const { post } = await startHost(inExpress((app, handler) => app.use(express.json()).use(handler)))
  expect(await (await post(toolCall('safe'))).text()).toContain(BODY)
})

test('a response that the host has begun is left to it', async () => {
  const host = await startHost((handler) => (request, response) => {
    response.writeHead(200)
    response.write('the host ')
    handler(request, response)
    response.end('speaks')
  })
  expect(await (await host.post(toolCall('safe'))).text()).toBe('the host speaks')
  expect(faultsOf(host)).toEqual([expect.stringContaining('the response was begun before')])
})

test('HTTP/2, although node makes its requests look alike', async () => {
  const asHttp1 = (handler: GatewayHandler) => handler as unknown as Parameters<typeof createHttp2>[0]
  const { origin, log } = await startHost((handler) => createHttp2(asHttp1(handler)) as unknown as Server)
  const client = connect(origin)
  onTestFinished(() => void client.destroy())
  const stream = client.request({ ':path': '/mcp/a' })
  const [headers] = await once(stream, 'response')
  expect(headers[':status']).toBe(500)
  expect(await text(stream)).toBe('{"error":"internal"}')
  expect(log.at(-1)?.message).toContain('over HTTP/1.1')
})

test('a Unix socket has no address to count callers by', async () => {
  const { handler, log } = await startHost((given) => given)
  const path = join(tmpdir(), `portcullis-${process.pid}.sock`)
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
  })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ socketPath: path, path: '/mcp/a', agent: false }, resolve).on('error', reject).end()
  })
  expect([answer.statusCode, await text(answer)]).toEqual([500, '{"error":"internal"}'])
  expect(log.at(-1)?.message).toContain('it needs the address of the client')
})

test('a request that somebody made up', async () => {
  const { handler, log } = await startHost((given) => given)
  const request = Object.assign(new IncomingMessage(new Socket()), {
    httpVersionMajor: 1,
    headers: { a: 'b' },
  })
  handler(request, new ServerResponse(request))
  expect(log.at(-1)?.message).toContain('with their rawHeaders')
})
