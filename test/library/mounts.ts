// The three hosts that the pages promise: node:http, Hono and Express, each with a page of its own beside the gateway.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import express from 'express'
import { type Context, Hono, type Next } from 'hono'
import type { GatewayHandler } from '../../src/library.ts'
import type { Mount } from './host.ts'

const OWN = 'a page of the host'

export const inNode: Mount = (handler) => (request: IncomingMessage, response: ServerResponse) => {
  if (handler.answers(request)) handler(request, response)
  else response.end(OWN)
}

type Bindings = { Bindings: HttpBindings }

/** As docs/library.md mounts it. */
export function honoMiddleware(handler: GatewayHandler) {
  return ({ env }: Context<Bindings>, next: Next) => {
    if (!handler.answers(env.incoming)) return next()
    handler(env.incoming, env.outgoing)
    return Promise.resolve(RESPONSE_ALREADY_SENT)
  }
}

export const inHono: Mount = (handler) => {
  const app = new Hono<Bindings>()
  app.use(honoMiddleware(handler))
  app.get('/own', (context) => context.text(OWN))
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}

export const inExpress: Mount = (handler) => {
  const app = express()
  app.use(handler)
  app.get('/own', (_request, response) => void response.send(OWN))
  return app
}
