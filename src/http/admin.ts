// The admin listener: health, readiness with reasons, metrics, and the pages that it is given. Never on the public port
// (K08). Without tokens in the file it shows the first three to loopback names only, so that a web page cannot reach them by
// rebinding (K09); /healthz needs neither. Every other page needs an operator who has the right that it names.
import { Hono } from 'hono'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Operator } from '../core/operator.ts'
import type { Readiness } from '../core/readiness.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { isLoopbackAuthority } from '../lib/loopback.ts'
import type { AdminContext, AdminEnvironment, AdminPage, AdminVisit } from './admin-page.ts'
import { SHUTDOWN_PATH } from './public-health.ts'

export interface AdminOptions {
  /** Whoever the request proves to be; undefined for nobody. */
  readonly operatorOf: (context: AdminContext) => Operator | undefined
  /** Whether the file names no operator: then what is open is open on loopback. Asked for each request. */
  readonly isOpen: () => boolean
  readonly readiness: () => MaybeAsync<Readiness>
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  /** Served beside health and metrics. */
  readonly pages?: readonly AdminPage[]
  /** Writes into the audit. */
  readonly record: (event: AuditEvent) => void
  /** The address of the client, behind trusted proxies. */
  readonly addressOf: (context: AdminContext) => string
}

/** Whoever asks where the file names no tokens: may read what is open, and nothing else. */
const ANYONE: Operator = { name: 'anyone', rights: new Set() }

export function createAdmin(options: AdminOptions): Hono<AdminEnvironment> {
  const admin = new Hono<AdminEnvironment>()

  admin.get('/healthz', (context) => context.json({ status: 'ok' }))

  admin.use('*', async (context, next) => {
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
    return whoAsks(context, options) === undefined ? unauthorized(context) : next()
  })

  for (const page of [...machinePages(options), ...(options.pages ?? [])])
    admin.on(page.method, page.path, (context) => answerPage(page, context, options))

  return admin
}

function answerPage(page: AdminPage, context: AdminContext, options: AdminOptions): MaybeAsync<Response> {
  const operator = whoAsks(context, options)
  if (operator === undefined || (operator === ANYONE && page.isOpen !== true)) return unauthorized(context)
  if (operator !== ANYONE && !operator.rights.has(page.right))
    return context.json({ error: 'forbidden', needs: page.right }, 403)
  return page.answer(context, visitOf(page, operator, context, options))
}

function visitOf(
  { right }: AdminPage,
  operator: Operator,
  context: AdminContext,
  options: AdminOptions,
): AdminVisit {
  const address = options.addressOf(context)
  return {
    ...{ operator, address },
    record: (event) => options.record({ ...event, actor: `operator ${operator.name}`, address }),
    isStillAllowed: () => whoAsks(context, options)?.rights.has(right) === true,
  }
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

function unauthorized(context: AdminContext): Response {
  return context.json({ error: 'unauthorized' }, 401, { 'www-authenticate': 'Bearer realm="admin"' })
}

function whoAsks(context: AdminContext, { operatorOf, isOpen }: AdminOptions): Operator | undefined {
  const isLocal = isOpen() && isLoopbackAuthority(context.req.header('host') ?? '')
  return operatorOf(context) ?? (isLocal ? ANYONE : undefined)
}
