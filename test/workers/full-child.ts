// Run by full.test.ts: two workers of node:cluster, each with a listener of ours that takes one connection. Prints the port.
import cluster from 'node:cluster'
import { LISTENER_LIMITS, listen } from '../../src/http/listen.ts'

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR
  let listening = 0
  cluster.on('listening', (_worker, { port }) => {
    listening += 1
    if (listening === 2) console.log(port)
  })
  cluster.fork()
  cluster.fork()
  process.on('SIGTERM', () => process.exit(0))
} else {
  await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    handle: (_request, response) => response.end('served'),
    networks: { networkOfPeer: () => undefined, sharePerCaller: 1 },
    limits: { ...LISTENER_LIMITS, maxConnections: 1 },
  })
}
