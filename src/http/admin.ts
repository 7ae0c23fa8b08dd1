// The admin listener: health, readiness with reasons, metrics, and the pages that it is given. Never on the public port
// (K08). Without tokens in the file it shows the first three to loopback names only, so that a web page cannot reach them by
// rebinding (K09); /healthz needs neither. Every other page needs an operator who has the right that it names.
import type { IncomingHttpHeaders } from 'node:http'
import { Hono } from 'hono'
import type { AuditEvent } from '../core/audit-event.ts'
import { isConsolePath, SIGN_IN_PATH } from '../core/console-paths.ts'
import { actorOf, type Operator } from '../core/operator.ts'
import type { Readiness } from '../core/readiness.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { isLoopbackAuthority } from '../lib/loopback.ts'
import type { AdminContext, AdminEnvironment, AdminPage, AdminVisit, OpenPage } from './admin-page.ts'
import { isBrowserVisit } from './browser-visit.ts'
import { SHUTDOWN_PATH } from './public-health.ts'

export interface AdminOptions {
  /** Whoever the request proves to be; undefined for nobody. */
  readonly find: (context: AdminContext) => MaybeAsync<FoundOperator | TooManyTries | undefined>
  /** Whether the file names no operator: then what is open is open on loopback. Asked for each request. */
  readonly isOpen: () => boolean
  readonly readiness: () => MaybeAsync<Readiness>
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  /** Served beside health and metrics. */
  readonly pages?: readonly AdminPage[]
  /** What answers whoever asks. */
  readonly doors: readonly OpenPage[]
  /** Writes into the audit. */
  readonly record: (event: AuditEvent) => void
  /** The address of the client, behind trusted proxies. */
  readonly addressOf: (context: AdminContext) => string
}

export interface FoundOperator {
  readonly operator: Operator
  /** What a form of theirs sends back; empty where it needs nothing. */
  readonly formToken: string
  /** Who they are by now, which counts as no use; undefined when that is over. */
  now(): MaybeAsync<Operator | undefined>
  /** Whether a request that changes something was meant by a page of theirs. */
  isMeant(): MaybeAsync<boolean>
}

/** What was shown is not looked at: too many tries failed where it came from. */
export interface TooManyTries {
  readonly waitSeconds: number
}

/** Whoever asks on this machine while the file names nobody: reads what is open, and nothing else. */
const ANYONE: FoundOperator = {
  operator: { name: 'anyone', rights: new Set(['view']) },
  formToken: '',
  now: () => undefined,
  isMeant: () => false,
}
/** What a form may send. */
const MAX_FORM_BYTES = 64 * 1_024

export function createAdmin(options: AdminOptions): Hono<AdminEnvironment> {
  const admin = new Hono<AdminEnvironment>()

  admin.get('/healthz', (context) => context.json({ status: 'ok' }))

  admin.use('*', async (context, next) => {
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
    const refused = bodyRefusal(context.env.incoming.headers)
    return refused === undefined ? next() : context.text('', refused, { connection: 'close' })
  })

  for (const { method, path, answer } of options.doors) admin.on(method, path, answer)
  for (const page of [...machinePages(options), ...(options.pages ?? [])])
    admin.on(page.method, page.path, (context) => answerPage(page, context, options))

  admin.all('*', async (context) => {
    const found = (await options.find(context)) ?? anyone(context, options)
    return isKnown(found) ? context.notFound() : unknown(context, found)
  })
  return admin
}

/** Before any of it is read: a form says how long it is (RFC 9110 §15.5.12, §15.5.14). */
function bodyRefusal(headers: IncomingHttpHeaders): 411 | 413 | undefined {
  if (headers['transfer-encoding'] !== undefined) return 411
  return Number(headers['content-length'] ?? 0) > MAX_FORM_BYTES ? 413 : undefined
}

async function answerPage(page: AdminPage, context: AdminContext, options: AdminOptions): Promise<Response> {
  const found = (await options.find(context)) ?? (page.isOpen ? anyone(context, options) : undefined)
  if (!isKnown(found)) return unknown(context, found)
  if (!found.operator.rights.has(page.right))
    return context.json({ error: 'forbidden', needs: page.right }, 403)
  if (page.method === 'POST' && !(await found.isMeant())) return context.json({ error: 'form_over' }, 403)
  return page.answer(context, visitOf(page, found, context, options))
}

function visitOf(
  { right }: AdminPage,
  { operator, formToken, now }: FoundOperator,
  context: AdminContext,
  { addressOf, record }: AdminOptions,
): AdminVisit {
  const address = addressOf(context)
  return {
    ...{ operator, address, formToken },
    record: (event) => record({ ...event, ...actorOf(operator), address }),
    isStillAllowed: async () => (await now())?.rights.has(right) === true,
  }
}

function anyone({ req }: AdminContext, { isOpen }: AdminOptions): FoundOperator | undefined {
  return isOpen() && isLoopbackAuthority(req.header('host') ?? '') ? ANYONE : undefined
}

function isKnown(found: FoundOperator | TooManyTries | undefined): found is FoundOperator {
  return found !== undefined && 'operator' in found
}

/** RFC 6585 §4 for whoever has to wait. */
function unknown(context: AdminContext, found: TooManyTries | undefined): Response {
  if (found === undefined) return unauthorized(context)
  return context.json({ error: 'too_many_requests' }, 429, { 'retry-after': String(found.waitSeconds) })
}

/** A person who opened a page of the console is shown where to sign in. */
function unauthorized(context: AdminContext): Response {
  const { method, path } = context.req
  if (isConsolePath(path) && isBrowserVisit(method, context.env.incoming.rawHeaders))
    return context.redirect(SIGN_IN_PATH, 303)
  return context.json({ error: 'unauthorized' }, 401, { 'www-authenticate': 'Bearer realm="admin"' })
}

/** What machines ask for. */
function machinePages({ readiness, metrics }: AdminOptions): readonly AdminPage[] {
  const usual = { method: 'GET', right: 'view', isOpen: true } as const
  return [
    {
      ...usual,
      path: '/readyz',
      async answer(context) {
        const now = await readiness()
        return context.json(now, now.ready ? 200 : 503)
      },
    },
    {
      ...usual,
      path: SHUTDOWN_PATH,
      async answer(context) {
        const { draining = false } = await readiness()
        return context.json({ ready: !draining }, draining ? 503 : 200)
      },
    },
    {
      ...usual,
      path: '/metrics',
      answer: async (context) =>
        context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
    },
  ]
}
