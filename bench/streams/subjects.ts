// What carries the streams: the gateway, HAProxy that verifies a signature, and nginx that checks nothing. One process
// each; with or without TLS towards the client.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeLoopbackCertificate } from '../../src/cli/demo/loopback-certificate.ts'
import { freePort } from '../../test/support/free-port.ts'
import type { Issuer } from '../issuer.ts'
import { findProgram, type Program, startProgram } from '../program.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
export const PATH = '/mcp'
/** As in the first line of src/main.ts, and in the image. */
const NURSERY = '--max-semi-space-size=4'

export interface StreamScene {
  readonly folder: string
  readonly issuer: Issuer
  readonly upstreamPort: number
  /** Streams that are to be open at one time. */
  readonly streams: number
  readonly tls: boolean
}

export interface StreamSubject {
  readonly name: string
  readonly port: number
  readonly program: Program
  /** A token that it takes; undefined where it takes none. */
  readonly token: string | undefined
}

/** `root` is the folder whose `dist` is run, so that two versions stand side by side. */
export async function startGatewayFor(scene: StreamScene, name: string, root = ROOT): Promise<StreamSubject> {
  const { folder, issuer } = scene
  const port = await freePort()
  const config = join(folder, `${name}.yaml`)
  writeFileSync(config, gatewayConfig(scene, name, port, await freePort()))
  const extra = (process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter((arg) => arg !== '')
  const args = [NURSERY, ...extra, join(root, 'dist', 'main.js'), 'run', '-c', config]
  const program = await startProgram(NODE, args, port, join(folder, `${name}.log`))
  return { name, port, program, token: await issuer.mint(publicUrl(scene, port) + PATH, 1) }
}

function publicUrl({ tls }: StreamScene, port: number): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
}

function gatewayConfig(scene: StreamScene, name: string, port: number, adminPort: number): string {
  const { folder, issuer, upstreamPort, streams } = scene
  return `public_url: ${publicUrl(scene, port)}
listen: 127.0.0.1:${port}
${scene.tls ? tlsLine(folder) : ''}
admin: { listen: 127.0.0.1:${adminPort} }
audit: { file: ${JSON.stringify(join(folder, `${name}.audit`))} }
limits: { share_per_caller: 100%, streams: ${streams} }
issuers:
  bench: { issuer: ${issuer.url}, allow_insecure_issuer: true, algorithms: [RS256] }
routes:
  - name: notes
    path: ${PATH}
    upstream: http://127.0.0.1:${upstreamPort}${PATH}
    issuers: [bench]
    scopes: [notes:read]
    limits: { streams: ${streams}, streams_per_subject: ${Math.min(streams, 10_000)} }
    policy:
      rules:
        - { name: no-dropping, effect: deny, tools: ["drop_*"] }
        - { name: writing, tools: ["*_note"], scopes: [notes:write] }
        - { name: streaming, tools: ["stream_*"], scopes: [notes:read] }
`
}

/** PEM files for a loopback address, and what a client has to trust. */
function certificateOf(folder: string): { readonly cert: string; readonly key: string } {
  return { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
}

function tlsLine(folder: string): string {
  const { cert, key } = certificateOf(folder)
  return `tls: { cert: "file:${cert}", key: "file:${key}" }`
}

export function writeCertificate(folder: string): void {
  const { cert, key } = makeLoopbackCertificate('bench')
  writeFileSync(certificateOf(folder).cert, cert)
  writeFileSync(certificateOf(folder).key, key)
  writeFileSync(join(folder, 'both.pem'), cert + key)
}

export async function startHaproxyFor(scene: StreamScene): Promise<StreamSubject> {
  const port = await freePort()
  const { folder, issuer, upstreamPort, streams, tls } = scene
  const key = join(folder, 'issuer.pem')
  writeFileSync(key, issuer.publicKeyPem)
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn ${streams + 100}
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
frontend mcp
  bind 127.0.0.1:${port}${tls ? ` ssl crt ${join(folder, 'both.pem')}` : ''} backlog 4096
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify("RS256","${key}") 1 }
  default_backend upstream
backend upstream
  server one 127.0.0.1:${upstreamPort}
`,
  )
  const program = await startProgram(
    needed('haproxy'),
    ['-db', '-f', config],
    port,
    join(folder, 'haproxy.log'),
  )
  return { name: 'HAProxy', port, program, token: await issuer.mint('bench', 1) }
}

export async function startNginxFor(scene: StreamScene): Promise<StreamSubject> {
  const port = await freePort()
  const { folder, upstreamPort, streams, tls } = scene
  const prefix = join(folder, 'nginx')
  const { cert, key } = certificateOf(folder)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    `${prefix}.conf`,
    `daemon off;
master_process off;
pid ${prefix}.pid;
error_log stderr warn;
worker_rlimit_nofile ${streams * 2 + 200};
events { worker_connections ${streams * 2 + 100}; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${prefix}-${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''} backlog=4096;
    ${tls ? `ssl_certificate ${cert}; ssl_certificate_key ${key};` : ''}
    location / {
      proxy_pass http://127.0.0.1:${upstreamPort};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`,
  )
  const args = ['-c', `${prefix}.conf`, '-e', 'stderr']
  const program = await startProgram(needed('nginx'), args, port, `${prefix}.log`)
  return { name: 'nginx', port, program, token: undefined }
}

function needed(name: string): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}
