// A real rsyslogd of a test: it takes TCP or TLS on a free port and writes each message, as it parsed it, into a file. Killed,
// rotated and started again as a test likes. Where there is none, tests are skipped with the reason; with CI=true they fail.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createCertificate } from './certificate.ts'
import { freePort } from './free-port.ts'

/** A message as rsyslogd understood it. */
export interface ReceivedMessage {
  readonly priority: string
  readonly time: string
  readonly host: string
  readonly app: string
  readonly processId: string
  readonly kind: string
  readonly text: string
}

export interface TestRsyslog {
  readonly port: number
  /** The file of the certificate that it shows with TLS. */
  readonly certificate: string
  /** From all its files, in their order. */
  received(): readonly ReceivedMessage[]
  start(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** As logrotate does: moves the file, and sends SIGHUP. */
  rotate(): void
}

const PROGRAM = ['/usr/sbin/rsyslogd', '/usr/local/sbin/rsyslogd'].find(existsSync)
const HAS_TLS =
  PROGRAM !== undefined && execFileSync('find', ['/usr/lib', '-name', 'lmnsd_gtls.so']).length > 0

/** Why there is none; undefined where there is. */
export function rsyslogMissing(): string | undefined {
  if (HAS_TLS) return undefined
  const reason = 'skipped: no rsyslogd with TLS here; install the packages rsyslog and rsyslog-gnutls'
  if (process.env['CI'] === 'true') throw new Error(reason)
  console.warn(reason)
  return reason
}

const FIELDS = [
  'pri',
  'timereported:::date-rfc3339',
  'hostname',
  'app-name',
  'procid',
  'msgid',
  'msg',
] as const
const FILE = 'received.log'

export async function startRsyslog(
  options: { readonly isTls?: boolean } = {},
): Promise<TestRsyslog & { close(): Promise<void> }> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-rsyslog-'))
  const at = (name: string) => join(folder, name)
  const certificate = options.isTls === true ? createCertificate('portcullis syslog') : undefined
  if (certificate !== undefined) {
    writeFileSync(at('cert.pem'), certificate.cert)
    writeFileSync(at('key.pem'), certificate.key)
  }
  const tls = `DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="${at('cert.pem')}"
  DefaultNetstreamDriverCertFile="${at('cert.pem')}" DefaultNetstreamDriverKeyFile="${at('key.pem')}"`
  const driver = 'StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'
  const isTls = certificate !== undefined
  writeFileSync(
    at('rsyslog.conf'),
    `global(workDirectory="${folder}" maxMessageSize="64k" ${isTls ? tls : ''})
module(load="imtcp" ${isTls ? driver : ''})
template(name="parsed" type="string" string="${FIELDS.map((field) => `%${field}%`).join('|')}\\n")
input(type="imtcp" address="127.0.0.1" port="${port}")
action(type="omfile" file="${at(FILE)}" template="parsed")
`,
  )
  let child: ChildProcess | undefined
  let rotations = 0
  const rsyslog = {
    port,
    certificate: at('cert.pem'),
    received() {
      const files = readdirSync(folder)
        .filter((name) => name.startsWith(FILE))
        .sort()
        .reverse()
      return files.flatMap((name) => messagesIn(readFileSync(at(name), 'utf8')))
    },
    async start() {
      const started = spawn(PROGRAM as string, ['-n', '-f', at('rsyslog.conf'), '-i', at('pid')], {
        stdio: 'ignore',
      })
      child = started
      while (!(await listens(port))) {
        if (started.exitCode !== null) throw new Error(`rsyslogd ended with ${started.exitCode}`)
        await delay(20)
      }
    },
    async kill() {
      if (child === undefined) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      child = undefined
      rmSync(at('pid'), { force: true })
    },
    rotate() {
      rotations += 1
      renameSync(at(FILE), at(`${FILE}.${String(1_000 - rotations)}`))
      child?.kill('SIGHUP')
    },
    async close() {
      await rsyslog.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await rsyslog.start()
  return rsyslog
}

function messagesIn(text: string): ReceivedMessage[] {
  const lines = text.split('\n').filter((line) => line.split('|').length >= FIELDS.length)
  return lines.map((line) => {
    const [priority = '', time = '', host = '', app = '', processId = '', kind = '', ...rest] =
      line.split('|')
    return { priority, time, host, app, processId, kind, text: rest.join('|') }
  })
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
