// Whoever is asked over https may have a certificate of a private authority: `ca` where its address stands, `--ca` for a
// command that is given a URL. Without it nobody is believed.
import { describe, expect, onTestFinished, test } from 'vitest'
import { run as doctor } from '../../src/cli/inspect/doctor.ts'
import { run as inventory } from '../../src/cli/inspect/inventory.ts'
import { run as probe } from '../../src/cli/inspect/probe.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { RESOURCE_SERVER, SECRET, startAuthSec } from '../support/authsec.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { startHttpJudge } from '../support/http-verdicts.ts'
import { startTlsFront, type TlsFront } from '../support/tls-front.ts'
import { startWacht } from '../support/wacht.ts'

async function behindTls(server: { readonly url: string; close(): Promise<void> }): Promise<TlsFront> {
  const front = await startTlsFront(server.url)
  onTestFinished(async () => {
    await server.close()
    await front.close()
  })
  return front
}

async function open(options: TestGatewayOptions): Promise<TestGateway> {
  const gateway = await startTestGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}

const line = (trusted: boolean, { ca }: TlsFront) => (trusted ? `\n    ca: "file:${ca}"` : '')
const inSeconds = () => Math.floor(Date.now() / 1000) + 600

describe.each([true, false])('the authority is named: %s', (trusted) => {
  test('verifier: http', async () => {
    const service = await startHttpJudge({})
    const front = await behindTls(service)
    const gateway = await open({
      issuer: `    verifier: http\n    endpoint: ${front.origin}/check${line(trusted, front)}`,
    })
    const verdict = { allowed: true, subject: 'ada', client_id: 'desk', scopes: ['a'] }
    service.answer = { ...verdict, audience: gateway.resource, expires_at: inSeconds() }
    const { status } = await gateway.post(toolCall('safe'), { authorization: 'Bearer opaque' })
    expect(status).toBe(trusted ? 200 : 503)
  })

  test('verifier: wacht', async () => {
    const names = { issuer: '', resource: '' }
    const wacht = await startWacht({ issuer: () => names.issuer, resource: () => names.resource })
    const front = await behindTls(wacht)
    const gateway = await open({
      issuer: `    verifier: wacht\n    gateway_url: ${front.origin}${line(trusted, front)}`,
    })
    names.issuer = gateway.issuer.url
    names.resource = gateway.resource
    wacht.allowed = { permissions: ['a'] }
    const { status } = await gateway.post(toolCall('safe'), { authorization: 'Bearer good.1' })
    expect(status).toBe(trusted ? 200 : 503)
  })

  test('policy.source: authsec, and what is published there', async () => {
    const tools = [{ name: 'safe', is_public: false, required_scopes: ['a'] }]
    const authsec = await startAuthSec({ policy_complete: true, generation: 1, tool_policy: tools })
    const front = await behindTls(authsec)
    const gateway = await open({
      env: { SECRET },
      policy: `
      source: authsec
      authsec:
        url: ${front.origin}
        resource_server: ${RESOURCE_SERVER}
        secret: "\${SECRET}"
        publish_manifest: true${trusted ? `\n        ca: "file:${front.ca}"` : ''}`,
    })
    expect((await gateway.post(toolCall('safe'))).status).toBe(trusted ? 200 : 503)
    expect(authsec.requests.some(({ path }) => path.endsWith('/sdk-policy'))).toBe(trusted)
  })

  test('doctor, probe and inventory of a URL', async () => {
    const gateway = await open({})
    const front = await behindTls({ url: gateway.origin, close: async () => undefined })
    const url = `${front.origin}/mcp/a`
    const more = trusted ? ['--ca', front.ca] : []
    for (const [command, args] of [
      [doctor, [url]],
      [probe, [url]],
      [inventory, ['--url', url]],
    ] as const) {
      const io = recordingIo()
      await command([...args, ...more], io)
      expect(io.err().includes('name its certificate authority: --ca')).toBe(!trusted)
    }
  })
})

test('--ca without a certificate, and beside a route, is told', async () => {
  const url = 'https://127.0.0.1:1/mcp'
  const rows = [
    [doctor, [url, '--ca', 'nothing.pem'], 'cannot read nothing.pem (ENOENT)'],
    [doctor, [url, '--ca', import.meta.filename], 'holds no certificate in PEM'],
    [inventory, ['--ca', 'nothing.pem'], 'takes --ca with --url'],
  ] as const
  for (const [command, args, words] of rows) {
    const io = recordingIo()
    expect(await command([...args], io)).toBe(2)
    expect(io.err()).toContain(words)
  }
})
