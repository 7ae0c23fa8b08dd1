// nginx twice: as the upstream that costs little (a fixed reply), and as the proxy that checks nothing.
// One process each, without a master, so that /proc shows all there is.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { findProgram, type Program, startProgram } from '../program.ts'
import { CONNECTIONS, REPLY_BODY, ROUTE_PATH, type Scene } from '../scene.ts'
import type { Subject } from './subject.ts'

export interface Upstream {
  readonly port: number
  readonly program: Program
}

export async function startUpstream(scene: Scene): Promise<Upstream> {
  const port = await freePort()
  const server = `server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${REPLY_BODY}'; }
  }`
  return { port, program: await startNginx(scene, 'upstream', port, server) }
}

export async function startNginxProxy(scene: Scene, upstreamPort: number): Promise<Subject> {
  const port = await freePort()
  const server = `upstream mcp {
    server 127.0.0.1:${upstreamPort};
    keepalive ${CONNECTIONS * 2};
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://mcp;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }`
  const program = await startNginx(scene, 'nginx', port, server)
  return {
    name: 'nginx, no auth',
    url: `http://127.0.0.1:${port}${ROUTE_PATH}`,
    program,
    checksTokens: false,
  }
}

function startNginx(scene: Scene, name: string, port: number, http: string): Promise<Program> {
  const prefix = join(scene.folder, name)
  const config = `${prefix}.conf`
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    config,
    `daemon off;
master_process off;
pid ${prefix}.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${folders.map((folder) => `${folder}_temp_path ${prefix}-${folder};`).join('\n  ')}
  ${http}
}
`,
  )
  return startProgram(requireNginx(), ['-c', config, '-e', 'stderr'], port, `${prefix}.log`)
}

function requireNginx(): string {
  const path = findProgram('nginx')
  if (path === undefined) throw new Error('nginx is not installed')
  return path
}
