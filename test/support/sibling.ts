// Another process over the same issuer and upstream as a gateway under test, as a replica is.
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts'
import { createLog } from '../../src/observe/log.ts'
import { gatewayYaml, type TestGateway, type TestGatewayOptions } from './gateway.ts'

/** Takes the tokens of the first; it listens elsewhere. */
export function startSibling(gateway: TestGateway, options: TestGatewayOptions): Promise<RunningGateway> {
  const yaml = gatewayYaml({
    ...options,
    route: `    audience: ["${gateway.resource}"]`,
    origin: 'http://127.0.0.1:0',
    issuerUrl: gateway.issuer.url,
    upstreamUrl: gateway.upstream.url,
    auditFile: '/dev/null',
  })
  return startGateway({ settings: gateway.settings(yaml), log: createLog('silent', { write() {} }) })
}
