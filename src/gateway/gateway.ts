// The gateway as a running thing: listeners, the generation that serves, reload, drain. Takes settings, not files;
// reading and watching the configuration is the command's business.
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import type { ManifestChange } from '../core/manifest.ts'
import { methodKind } from '../core/methods.ts'
import type { Address, Settings } from '../core/settings.ts'
import type { ExchangeServices } from '../exchange/streams.ts'
import { CallsUnderWay } from '../exchange/under-way.ts'
import { type AdminOptions, createAdmin, type Readiness } from '../http/admin.ts'
import { BODY_BUDGET, type BodyBudget, createBodyReader } from '../http/body.ts'
import { type Listener, listen } from '../http/listen.ts'
import { createLargeWork } from '../limits/large-work.ts'
import { type Audit, createAudit } from '../observe/audit.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { createRefusalLines } from '../observe/refusal-lines.ts'
import { policyChanges } from '../policy/reload-changes.ts'
import { createDurableState } from './durable-state.ts'
import { createEmbedding } from './embedded.ts'
import { createFront } from './front.ts'
import { createGeneration, type Generation } from './generation.ts'
import { publishManifests } from './publish-manifests.ts'

/** How long requests may take to end after they were cut off. */
const AFTERMATH_MS = 2_000
/** How long a start or a reload waits for issuers; one that is down is asked again when a token needs it. */
const PROBE_MS = 4_000

export interface GatewayOptions {
  readonly settings: Settings
  readonly log: Log
  /** What request bodies may take; BODY_BUDGET by default. */
  readonly bodies?: BodyBudget
}

export interface RunningGateway {
  /** Of the public listener, as it really is: `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly adminOrigin: string
  /** Serves other settings from the next request on. What belongs to the listeners needs a restart, and is logged. */
  reload(settings: Settings): Promise<void>
  /** Counts a reload that was refused because the file is broken. */
  refuseReload(): void
  /** Reads the TLS files of the listener again; throws, and keeps the old ones, when they cannot be used. */
  reloadTls(): void
  /** Says that it is not ready, stops accepting, ends long streams in order, lets the rest finish for at most `drainMs`. */
  close(drainMs?: number): Promise<void>
}

/** Throws when an address cannot be listened on, or a file of the settings cannot be used; nothing is open then. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const opened: Close[] = []
  try {
    const running = await start(options, opened)
    void publishManifests(options.settings, options.log)
    return running
  } catch (error) {
    for (const close of opened.reverse()) await close()
    throw error
  }
}

type Close = () => Promise<void> | void

/** Calls back with each thing it has opened, so that a failed start closes it. */
async function start(options: GatewayOptions, opened: Close[]): Promise<RunningGateway> {
  const { settings, log } = options
  const durable = createDurableState((route, drift) => {
    audit.event({ event: 'manifest_drift', actor: `upstream of ${route}`, detail: sentenceOf(drift) })
    metrics.drift(route, drift.kind, drift.change)
  })
  let number = 1
  const audit = createAudit({ ...settings.audit, ...settings.limits, generation: () => number })
  opened.push(() => audit.close())
  const refusals = createRefusalLines({ write: (event) => audit.event(event), now: () => Date.now() })
  opened.push(() => refusals.close())
  const metrics = createMetrics({ isKnownMethod, audit })
  const embed = createEmbedding({
    onEvent(event) {
      metrics.event(event)
      refusals.tell(event)
    },
    onFault: (error) => log.error({ event: 'bug', error }, 'the authorization server failed by a fault'),
    prove: (...asked) => generation.prove(...asked),
  })
  let generation: Generation = createGeneration(settings, durable, number, await embed(settings))
  opened.push(() => generation.close())
  metrics.nameTools(generation.namedTools)
  let retired: readonly Generation[] = []
  let serving = settings
  const services = createSurroundings(options, audit, metrics)
  await probe(generation, log)
  const listener = await listen({
    address: settings.listen,
    tls: settings.tls,
    handle: createFront({ generation: () => generation, log, audit, metrics, services }),
    headerBytes: settings.limits.headerBytes,
    networks: { networkOfPeer: (address) => generation.networkOfPeer(address), ...settings.limits },
  })
  opened.push(() => listener.close(0))
  const admin = await listenAdmin(settings.admin.listen, {
    token: () => serving.admin.token,
    readiness: () => readinessOf(generation, audit),
    metrics,
  })

  return {
    origin: originOf(settings.tls ? 'https' : 'http', listener.address),
    adminOrigin: originOf('http', admin.address),
    async reload(next) {
      const fresh = createGeneration(next, durable, number + 1, await embed(next))
      await probe(fresh, log)
      warnOfRestart(serving, next, log)
      const old = generation
      ;[generation, number] = [fresh, fresh.number]
      for (const told of policyChanges(serving, next)) audit.event({ actor: 'configuration', ...told })
      serving = next
      metrics.nameTools(fresh.namedTools)
      old.retire()
      retired = [...retired, old].filter((each) => each.isBusy())
      metrics.reload('applied')
      log.info({ event: 'reloaded', generation: fresh.number }, 'the configuration was reloaded')
    },
    refuseReload: () => metrics.reload('refused'),
    reloadTls: () => listener.reloadTls(),
    async close(drainMs = serving.drain.timeoutMs) {
      generation.standDown()
      await delay(serving.drain.delayMs) // S45
      await drain({ generations: [...retired, generation], listener, drainMs, open: services.open })
      await admin.close()
      refusals.close()
      await audit.close()
    },
  }
}

interface Draining {
  readonly generations: readonly Generation[]
  readonly listener: Listener
  readonly drainMs: number
  readonly open: ExchangeServices['open']
}

/** Resolves when no request is under way any more, and all that generations hold is closed. */
async function drain({ generations, listener, drainMs, open }: Draining): Promise<void> {
  const drained = listener.close(drainMs, () => {
    for (const each of generations) each.breakOff() // S44
  })
  for (const finish of [...open]) finish() // STR-07
  await drained
  for (const each of generations) each.close() // D21: also calls that nobody waits for
  const idle = Promise.all(generations.map((each) => each.idle()))
  await Promise.race([idle, delay(AFTERMATH_MS, undefined, { ref: false })])
}

function createSurroundings(
  { settings, bodies = BODY_BUDGET }: GatewayOptions,
  audit: Audit,
  metrics: Metrics,
): ExchangeServices {
  return {
    largeWork: createLargeWork(),
    underWay: new CallsUnderWay(),
    readBody: createBodyReader(bodies, settings.limits.sharePerCaller),
    recordBeforeCall: (record) => audit.recordBeforeCall(record),
    open: new Set(),
    countStream: (route, change) => metrics.stream(route, change),
  }
}

function sentenceOf({ kind, name, change, members }: ManifestChange): string {
  const what = members.length === 0 ? change : `${change}: ${members.join(', ')}`
  return `${kind} ${what} (${name})`
}

const HTTP_METHODS = new Set(['GET', 'POST', 'DELETE'])

/** Notifications are of any name, so only the other known methods may be labels (K07). */
function isKnownMethod(method: string): boolean {
  return (
    HTTP_METHODS.has(method) || (methodKind(method) !== 'unknown' && !method.startsWith('notifications/'))
  )
}

async function probe(generation: Generation, log: Log): Promise<void> {
  const late = Promise.withResolvers<readonly string[]>()
  const timer = setTimeout(
    () => late.resolve(['an issuer has not answered yet; its tokens wait for it']),
    PROBE_MS,
  )
  const findings = await Promise.race([generation.probe(), late.promise])
  clearTimeout(timer)
  for (const finding of findings) log.warn({ event: 'probe' }, finding)
}

/** What the listeners were started with stays until a restart. */
function warnOfRestart(before: Settings, after: Settings, log: Log): void {
  const parts = (settings: Settings) => ({
    listen: settings.listen,
    'admin.listen': settings.admin.listen,
    tls: settings.tls,
    audit: settings.audit,
    'limits.share_per_caller': settings.limits.sharePerCaller,
    'limits.headers': settings.limits.headerBytes,
  })
  const [old, now] = [parts(before), parts(after)]
  const changed = (Object.keys(old) as (keyof typeof old)[]).filter(
    (key) => !isDeepStrictEqual(old[key], now[key]),
  )
  if (changed.length > 0)
    log.warn({ event: 'restart_needed', changed }, 'these keys take effect at the next start')
}

function readinessOf(generation: Generation, audit: Audit): Readiness {
  const routes = generation.status()
  const providers = generation.signInStatus()
  return {
    ready: generation.isReady(),
    generation: generation.number,
    routes,
    ...(providers.length > 0 ? { sign_in: providers } : {}),
    audit: { failures: audit.failures },
  }
}

async function listenAdmin({ host, port }: Address, options: AdminOptions) {
  const app = createAdmin(options)
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = http.createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const address = server.address()
  return {
    address: { host, port: typeof address === 'object' && address ? address.port : port },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function originOf(scheme: string, { host, port }: { readonly host: string; readonly port: number }): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
