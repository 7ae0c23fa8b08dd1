// The connection to Redis or Valkey: to one server, to the one that Sentinel names, or to a cluster. It is made in the
// background, and made again whenever it breaks. Nothing waits for it: commands without a connection fail at once.
// Commands of one turn of the event loop are sent in one write.
import { createClient, createCluster, createSentinel, type RedisClientOptions } from '@redis/client'
import type { RedisLogin, StateSettings } from '../../core/settings-state.ts'

export interface RedisConnection {
  /** Rejects while there is no connection. `key` decides which node of a cluster is asked. */
  send(key: string, args: readonly string[]): Promise<unknown>
  /** Asks each server that accepts writes. Returns what each said, or why it did not answer. */
  sendEach(args: readonly string[]): Promise<readonly PromiseSettledResult<unknown>[]>
  /**
   * Connects again, at most once a second, since the server is a replica now and its name may lead to another one. With
   * Sentinel and in a cluster the client itself asks who takes writes.
   */
  renew(): void
  close(): void
}

const CONNECT_MS = 2_000
/** A connection is made anew when the server says nothing for so long; the PING before that keeps an idle one. */
const SILENT_MS = 5_000
const PING_MS = 1_500
const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 2_000
/** How many commands a client queues. */
const MAX_QUEUED = 20_000
/** After this time a cluster node that is away may have been replaced. */
const REFRESH_MS = 300
/** How often Sentinel is asked; it also reports changes by itself. */
const SCAN_MS = 1_000

/** The time between two connections that are made because the server takes no writes. */
const RENEW_MS = 1_000

export function connectRedis(settings: StateSettings): RedisConnection {
  switch (settings.topology) {
    case 'single':
      return connectSingle(settings)
    case 'sentinel':
      return connectSentinel(settings)
    case 'cluster':
      return connectCluster(settings)
  }
}

function connectSingle(settings: StateSettings): RedisConnection {
  const [node] = settings.nodes
  const connect = () => {
    const client = createClient({
      ...nodeOptions(settings, settings.login),
      socket: { ...socketOptions(settings), ...node },
      database: settings.database,
    })
    return { client, stop: keepConnecting(client) }
  }
  let current = connect()
  let renewedAt = performance.now()
  const send = (args: readonly string[]) => current.client.sendCommand(args)
  return {
    send: (_key, args) => send(args),
    sendEach: (args) => Promise.allSettled([send(args)]),
    renew() {
      if (performance.now() - renewedAt < RENEW_MS) return
      renewedAt = performance.now()
      current.stop()
      current = connect()
    },
    close: () => current.stop(),
  }
}

function connectSentinel(settings: StateSettings): RedisConnection {
  const client = createSentinel({
    name: settings.master ?? '',
    sentinelRootNodes: settings.nodes.map(({ host, port }) => ({ host, port })),
    nodeClientOptions: {
      ...nodeOptions(settings, settings.login),
      socket: socketOptions(settings),
      database: settings.database,
    },
    sentinelClientOptions: {
      ...nodeOptions(settings, settings.sentinelLogin),
      socket: socketOptions(settings),
    },
    maxCommandRediscovers: 1,
    scanInterval: SCAN_MS,
  })
  const stop = keepConnecting(client)
  const send = (args: readonly string[]) => client.sendCommand(false, [...args])
  return {
    send: (_key, args) => send(args),
    sendEach: (args) => Promise.allSettled([send(args)]),
    renew: () => undefined,
    close: stop,
  }
}

function connectCluster(settings: StateSettings): RedisConnection {
  const client = createCluster({
    rootNodes: settings.nodes.map((node) => ({
      ...nodeOptions(settings, settings.login),
      socket: { ...socketOptions(settings), ...node },
    })),
    defaults: { ...nodeOptions(settings, settings.login), socket: socketOptions(settings) },
    maxCommandRedirections: 4,
    topologyRefreshOnReconnectionAttemptStrategy: REFRESH_MS,
  })
  const stop = keepConnecting(client)
  return {
    send: (key, args) => client.sendCommand(key === '' ? undefined : key, false, [...args]),
    sendEach: (args) =>
      Promise.allSettled(
        client.masters.map(async (master) => (await client.nodeClient(master)).sendCommand(args)),
      ),
    renew: () => undefined,
    close: stop,
  }
}

function nodeOptions(_settings: StateSettings, { username, password }: RedisLogin) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    pingInterval: PING_MS,
  } satisfies RedisClientOptions
}

function socketOptions({ isTls, ca }: StateSettings) {
  const common = {
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    reconnectStrategy: (retries: number) => retryAfter(retries),
  }
  return isTls ? { ...common, tls: true as const, ...(ca === undefined ? {} : { ca }) } : common
}

/** The pause before the next try: longer each time, and not the same for all gateways. */
function retryAfter(retries: number): number {
  const base = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retries, 10))
  return base / 2 + (Math.random() * base) / 2
}

interface Connecting {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): unknown
}

/** Repeats a first attempt that failed; the client repeats later ones by itself. */
function keepConnecting(client: Connecting): () => void {
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  client.on('error', () => undefined) // each command reports it
  const connect = (retries: number) => {
    client.connect().catch(() => {
      if (isClosed) return
      timer = setTimeout(() => connect(retries + 1), retryAfter(retries))
      timer.unref()
    })
  }
  connect(0)
  return () => {
    isClosed = true
    clearTimeout(timer)
    try {
      void client.destroy()
    } catch {
      // the client was not open
    }
  }
}
