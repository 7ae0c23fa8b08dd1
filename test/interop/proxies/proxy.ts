// nginx and HAProxy as docs/proxies.md shows them: its own text runs, with other ports and paths.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { vi } from 'vitest'
import { missingCommand } from '../world/contract.ts'
import type { Authority } from './authority.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/proxies.md'), 'utf8')
const START_LIMIT_MS = 15_000

export interface ProxyPlace {
  readonly folder: string
  readonly authority: Authority
  readonly port: number
  /** Port of what is behind it. */
  readonly target: number
}

export interface FrontProxy {
  readonly name: 'nginx' | 'haproxy'
  /** Why it cannot run here. */
  readonly missing: string | undefined
  start(place: ProxyPlace): Promise<() => void>
}

export const PROXIES: readonly FrontProxy[] = [
  {
    name: 'nginx',
    missing: missing('nginx', 'nginx 1.22'),
    start: (place) => started('nginx', place, nginxFile(place), (file) => ['-c', file, '-p', place.folder]),
  },
  {
    name: 'haproxy',
    missing: missing('haproxy', 'HAProxy 2.6'),
    start: (place) => started('haproxy', place, haproxyFile(place), (file) => ['-db', '-f', file]),
  },
]

function missing(command: string, needs: string): string | undefined {
  return missingCommand(command, ['-v'], needs) ?? missingCommand('openssl', ['version'], 'OpenSSL 3')
}

function nginxFile({ folder, authority, port, target }: ProxyPlace): string {
  const server = replaced(shown('nginx'), [
    ['127.0.0.1:8080', `127.0.0.1:${target}`],
    ['listen 443', `listen 127.0.0.1:${port}`],
    ['server_name mcp.example.com', 'server_name 127.0.0.1'],
    ['/etc/portcullis/tls.crt', authority.cert],
    ['/etc/portcullis/tls.key', authority.key],
  ])
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/nginx-${name};`)
    .join(' ')
  const head = `daemon off; master_process off; pid ${folder}/nginx-${port}.pid; error_log stderr warn;`
  return `${head}\nevents {}\nhttp {\naccess_log off; ${scratch}\n${server}\n}\n`
}

function haproxyFile({ authority, port, target }: ProxyPlace): string {
  return replaced(shown('haproxy'), [
    ['127.0.0.1:8080', `127.0.0.1:${target}`],
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['/etc/portcullis/tls.pem', authority.both],
  ])
}

function shown(language: string): string {
  const block = PAGE.match(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm'))?.[1]
  if (block === undefined) throw new Error(`docs/proxies.md shows no ${language}`)
  return block
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((whole, [from, to]) => {
    if (whole.split(from).length !== 2) throw new Error(`docs/proxies.md does not say ${from} once`)
    return whole.replace(from, () => to)
  }, text)
}

async function started(
  command: string,
  { folder, authority, port }: ProxyPlace,
  text: string,
  args: (file: string) => string[],
): Promise<() => void> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${command}-${port}.conf`)
  writeFileSync(file, text)
  const child: ChildProcess = spawn(command, args(file), { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000)
  })
  const ca = readFileSync(authority.ca, 'utf8')
  const answers = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ca }, () => resolve(void socket.destroy()))
      socket.once('error', (error) => reject(new Error(`${command}: ${error.message}\n${said}`)))
    })
  await vi.waitFor(answers, { timeout: START_LIMIT_MS, interval: 100 })
  return () => void child.kill('SIGKILL')
}
