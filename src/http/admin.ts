// The admin listener: health, readiness with reasons, metrics. Never on the public port (K08). Without a token it
// answers only to loopback names, so that a web page cannot reach it by rebinding (K09); /healthz needs neither.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import type { Readiness } from '../core/readiness.ts'
import type { Secret } from '../core/secret.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { isLoopbackAuthority } from '../lib/loopback.ts'
import { SHUTDOWN_PATH } from './public-health.ts'

export interface AdminOptions {
  /** Read for each request, so that a reload may replace it. */
  readonly token: () => Secret | undefined
  readonly readiness: () => MaybeAsync<Readiness>
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
}

export function createAdmin(options: AdminOptions): Hono {
  const admin = new Hono()

  admin.get('/healthz', (context) => context.json({ status: 'ok' }))

  admin.use('*', async (context, next) => {
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
    const { req } = context
    if (mayRead(options.token(), req.header('authorization'), req.header('host'))) return next()
    return context.json({ error: 'unauthorized' }, 401, { 'www-authenticate': 'Bearer realm="admin"' })
  })

  admin.get('/readyz', async (context) => {
    const readiness = await options.readiness()
    return context.json(readiness, readiness.ready ? 200 : 503)
  })

  admin.get(SHUTDOWN_PATH, async (context) => {
    const { draining = false } = await options.readiness()
    return context.json({ ready: !draining }, draining ? 503 : 200)
  })

  admin.get('/metrics', async (context) =>
    context.body(await options.metrics.text(), 200, { 'content-type': options.metrics.contentType }),
  )

  return admin
}

function mayRead(token: Secret | undefined, authorization = '', host = ''): boolean {
  if (token === undefined) return isLoopbackAuthority(host)
  const [scheme = '', ...rest] = authorization.split(' ')
  // K12: compared as digests, in constant time.
  const shown = digest(`${scheme.toLowerCase()} ${rest.join(' ')}`)
  return timingSafeEqual(shown, digest(`bearer ${token.reveal()}`))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
