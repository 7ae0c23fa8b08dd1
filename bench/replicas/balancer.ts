// HAProxy in front of the replicas: any replica for any request, asked each half second whether
// it still takes requests. A connection that was refused is tried at another replica, for nothing was sent on it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, type Program, startProgram } from '../program.ts'

/** Says which replica answered. */
export const REPLICA_HEADER = 'x-replica'

export function startBalancer(folder: string, port: number, replicas: readonly number[]): Promise<Program> {
  const command = findProgram('haproxy')
  if (command === undefined) throw new Error('haproxy is not installed')
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(config, balancerConfig(port, replicas))
  return startProgram(command, ['-db', '-f', config], port, join(folder, 'haproxy.log'))
}

/** What docs/scaling.md says that a balancer must do. */
function balancerConfig(port: number, replicas: readonly number[]): string {
  const servers = replicas.map((own, index) => `  server replica-${index + 1} 127.0.0.1:${own} check`)
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  option abortonclose
  timeout connect 2s
  timeout client 10m
  timeout server 10m
  timeout check 3s
  retries 3
  option redispatch 1
frontend mcp
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-For %[src]
  default_backend gateways
backend gateways
  balance roundrobin
  option http-no-delay
  option httpchk GET /readyz/shutdown
  default-server inter 500ms fall 2 rise 1 slowstart 10s
  http-response set-header ${REPLICA_HEADER} %s
${servers.join('\n')}
`
}
