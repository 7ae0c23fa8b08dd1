// The gateway inside the server of another program: a request handler for node:http and for frameworks on top of it. It
// opens no socket. Whatever else a listener of the gateway would do is left to the host (docs/library.md lists it).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readiness } from '../core/readiness.ts'
import type { Settings } from '../core/settings.ts'
import { jsonAnswer, writeAnswer } from '../http/answer.ts'
import { isRewritten, mountFault } from '../http/mounted.ts'
import { OpenResponses } from '../http/open-responses.ts'
import { PendingAnswers } from '../http/pending.ts'
import type { Logger } from '../observe/log.ts'
import { openMetricExport } from './open-metric-export.ts'
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
   * Refuses new requests, ends long streams in order, and lets other requests finish for at most `drainMs`; by default
   * for `drain.timeout` of the settings.
   */
  close(drainMs?: number): Promise<void>
}

/** Throws when a file of the settings cannot be used, or a verifier is missing; nothing is open then. */
export async function createHandler(options: HandlerOptions): Promise<GatewayHandler> {
  let isClosed = false
  const serving = await createServing(options, { untilRestart: () => ({}), isClosed: () => isClosed })
  const sent = await openMetricExport(options.settings, serving.metrics.samples, serving.log)
  void publishManifests(options.settings, serving.log)
  const pending = new PendingAnswers(() => {})
  const open = new OpenResponses()
  const refuse = createMountRefusal(serving.log)
  /**
   * Whether the host should answer. A path that a framework has shortened does not tell, so it is refused as a fault
   * below.
   */
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
    await sent?.close()
    await serving.close()
  }
  return Object.assign(handle, {
    ...lookInto(serving),
    reload: (next: Settings) => serving.reload(next, 'program'),
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

/**
 * Refuses each request that was handed over wrongly, through the host's error handler where there is one. Each fault is
 * logged once.
 */
function createMountRefusal(log: Logger): RefuseMount {
  const reported = new Set<string>()
  return (fault, response, next) => {
    const sentence = `the gateway cannot serve a request as it was handed over: ${fault} (docs/library.md)`
    if (!reported.has(fault)) log.error({ event: 'mounted_wrongly' }, sentence)
    reported.add(fault)
    if (next !== undefined) next(new Error(sentence))
    else if (!response.headersSent) writeAnswer(response, jsonAnswer(500, { error: 'internal' }), [])
  }
}
