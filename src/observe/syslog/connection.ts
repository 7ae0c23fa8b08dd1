// The connection to a syslog receiver, over TCP or TLS: made again with growing pauses when it ends. It keeps nothing of what
// is written.
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { guardedLookup } from '../../lib/guarded-lookup.ts'

export interface SyslogTarget {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
}

export interface SyslogConnection {
  /** False while there is none, or it takes no more for now. */
  readonly isReady: boolean
  write(text: string): void
  /** Ends when all that was written has left, or soon. Nothing is connected after it. */
  close(): Promise<void>
}

export interface SyslogConnectionEvents {
  /** It takes more. `isNew`: nothing was written to it yet. */
  onReady(isNew: boolean): void
  /** @param why an error code, or a few words */
  onAway(why: string): void
}

const SYSLOG_CONNECT_MS = 10_000
const FIRST_SYSLOG_RETRY_MS = 200
const MAX_SYSLOG_RETRY_MS = 30_000
const SYSLOG_END_MS = 1_000
const SYSLOG_KEEP_ALIVE_MS = 10_000

export function createSyslogConnection(
  target: SyslogTarget,
  events: SyslogConnectionEvents,
): SyslogConnection {
  let socket: Socket | undefined
  let isReady = false
  let isClosed = false
  let pauseMs = FIRST_SYSLOG_RETRY_MS
  let retry: NodeJS.Timeout | undefined
  const open = () => {
    socket = openSocket(target, {
      onOpen() {
        pauseMs = FIRST_SYSLOG_RETRY_MS
        isReady = true
        events.onReady(true)
      },
      onDrain() {
        isReady = true
        events.onReady(false)
      },
      onClose(why) {
        socket = undefined
        isReady = false
        if (isClosed) return
        retry = setTimeout(open, pauseMs).unref()
        pauseMs = Math.min(pauseMs * 2, MAX_SYSLOG_RETRY_MS)
        events.onAway(why)
      },
    })
  }
  open()
  return {
    get isReady() {
      return isReady
    },
    write(text) {
      isReady = socket?.write(text) === true
    },
    close() {
      isClosed = true
      isReady = false
      clearTimeout(retry)
      return endOf(socket)
    },
  }
}

interface SocketEvents {
  onOpen(): void
  onDrain(): void
  onClose(why: string): void
}

function openSocket(
  { host, port, isTls, ca }: SyslogTarget,
  { onOpen, onDrain, onClose }: SocketEvents,
): Socket {
  const at = { host, port, lookup: guardedLookup }
  const tls = { ...at, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) } as const
  const socket = isTls ? connectTls(tls) : connectTcp(at)
  let why = 'it ended the connection'
  return socket
    .setTimeout(SYSLOG_CONNECT_MS, () => socket.destroy(new Error('no connection in time')))
    .once(isTls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0).setKeepAlive(true, SYSLOG_KEEP_ALIVE_MS)
      onOpen()
    })
    .on('drain', onDrain)
    .on('data', () => undefined) // a receiver says nothing; reading is how its end is seen
    .on('end', () => socket.destroy())
    .on('error', (error) => {
      why = 'code' in error && typeof error.code === 'string' ? error.code : error.message
    })
    .once('close', () => onClose(why))
    .unref()
}

async function endOf(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) return
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, SYSLOG_END_MS)
    socket.end(() => {
      clearTimeout(patience)
      resolve()
    })
    if (socket.connecting || socket.destroyed) resolve()
  })
  socket.destroy()
}
