// What a gateway without telemetry pays for it: nothing of it is loaded, whatever variables of OpenTelemetry there are.
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { gatewayYaml } from '../support/gateway.ts'
import { SOURCES, startProcess } from '../support/process.ts'

const HOOK = new URL('../support/loaded-hook.mjs', import.meta.url).pathname

/** Modules of OpenTelemetry that are loaded until the gateway listens. */
async function loadedBy(top: string, auditKeys = ''): Promise<number> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const nobody = 'http://127.0.0.1:1'
  const gateway = await startProcess({
    main: SOURCES,
    yaml: gatewayYaml({
      origin,
      issuerUrl: nobody,
      upstreamUrl: nobody,
      auditFile: 'stdout',
      top,
      auditKeys,
    }),
    flags: ['--import', HOOK],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'otlp' },
  })
  const loaded = gateway.log().match(/^loaded /gm) ?? []
  await gateway.kill()
  return loaded.length
}

test('without `telemetry` no module of OpenTelemetry is loaded, nor with a name alone', async () => {
  expect(await loadedBy('')).toBe(0)
  expect(
    await loadedBy('telemetry: { service_name: edge }', 'ocsf: { syslog: { url: "tcp://127.0.0.1:1" } }'),
  ).toBe(0)
}, 60_000)

test('with traces they are, and with an audit that goes to OTLP', async () => {
  expect(await loadedBy('telemetry: { traces: {} }')).toBeGreaterThan(0)
  expect(await loadedBy('', 'ocsf: { otlp: { endpoint: "http://127.0.0.1:1" } }')).toBeGreaterThan(0)
}, 60_000)
