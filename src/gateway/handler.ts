// The gateway inside somebody else's server: a request handler for node:http and all that stands on it. Opens no socket.
// What the listener of a gateway of its own does beyond that is the host's (docs/library.md lists it).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readiness } from '../core/readiness.ts'
import type { Settings } from '../core/settings.ts'
import { jsonAnswer, writeAnswer } from '../http/answer.ts'
import { isRewritten, mountFault } from '../http/mounted.ts'
import { OpenResponses } from '../http/open-responses.ts'
import { PendingAnswers } from '../http/pending.ts'
import type { Logger } from '../observe/log.ts'
import { publishManifests } from './publish-manifests.ts'
import { createServing, type Serving } from './serving.ts'
import type { ServingOptions } from './serving-options.ts'

export type HandlerOptions = ServingOptions

export interface GatewayHandler {
  /**
   * Answers a request. With `next`, as Express passes it, requests for paths that the gateway does not serve go on to it;
   * without, they get a 404.
   */
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void
  /** Whether the gateway serves the path of this request: a route, its metadata, the authorization server. */
  answers(request: IncomingMessage): boolean
  /** Serves other settings from the next request on. Rejects, and changes nothing, when they cannot be used. */
  reload(settings: Settings): Promise<void>
  /** What `/readyz` of the admin listener says. */
  readiness(): Readiness
  /** What `/metrics` of the admin listener says. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  /**
   * Takes no new request, ends long streams in order and lets the rest finish for at most `drainMs`; by default
   * `drain.timeout` of the settings.
   */
  close(drainMs?: number): Promise<void>
}

/** Throws when a file of the settings cannot be used, or a verifier is missing; nothing is open then. */
export async function createHandler(options: HandlerOptions): Promise<GatewayHandler> {
  let isClosed = false
  const serving = await createServing(options, { untilRestart: () => ({}), isClosed: () => isClosed })
  void publishManifests(options.settings, serving.log)
  const pending = new PendingAnswers(() => {})
  const open = new OpenResponses()
  const refuse = createMountRefusal(serving.log)
  /** A path that was cut says nothing about whose it is. */
  const isOfHost = (request: IncomingMessage) =>
    !isRewritten(request) && !serving.generation().answers(request)
  const handle: Handle = (request, response, next) => {
    if (next !== undefined && isOfHost(request)) return next()
    const fault = mountFault(request, response)
    if (fault !== undefined) return refuse(fault, response, next)
    if (!pending.add(response, request.socket)) return undefined
    open.add(response)
    response.once('close', () => void pending.of(request.socket)) // K15: forgets it, and the token in it
    return serving.handle(request, response)
  }
  let closing: Promise<void> | undefined
  const close = async (drainMs: number | undefined) => {
    await serving.drain(drainMs, (...stopping) => {
      isClosed = true
      return open.end(...stopping)
    })
    await serving.close()
  }
  return Object.assign(handle, {
    ...lookInto(serving),
    reload: serving.reload,
    close(drainMs?: number) {
      closing ??= close(drainMs)
      return closing
    },
  })
}

type Handle = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

function lookInto({ generation, readiness, metrics }: Serving) {
  return {
    answers: (request: IncomingMessage) => generation().answers(request),
    readiness,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
  }
}

type RefuseMount = (
  fault: string,
  response: ServerResponse,
  next: ((error?: unknown) => void) | undefined,
) => void

/** Whoever mounts it wrongly is told once of each fault, and each request is refused: by the host where it can. */
function createMountRefusal(log: Logger): RefuseMount {
  const told = new Set<string>()
  return (fault, response, next) => {
    const sentence = `the gateway cannot serve a request as it was handed over: ${fault} (docs/library.md)`
    if (!told.has(fault)) log.error({ event: 'mounted_wrongly' }, sentence)
    told.add(fault)
    if (next !== undefined) next(new Error(sentence))
    else if (!response.headersSent) writeAnswer(response, jsonAnswer(500, { error: 'internal' }), [])
  }
}
