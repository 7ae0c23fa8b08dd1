// `portcullis healthcheck`: asks the port that the file names, and its exit code is the answer.
import { expect, onTestFinished, test } from 'vitest'
import { run as healthcheck } from '../../../src/cli/operate/healthcheck.ts'
import { freePort } from '../../support/free-port.ts'
import { startIssuer } from '../../support/issuer.ts'
import { startProcess } from '../../support/process.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const yaml = (admin: string, port: number, issuer = 'http://127.0.0.1:1') => `
public_url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
admin: ${admin}
issuers: { dev: { issuer: "${issuer}", allow_insecure_issuer: true } }
routes: [{ name: a, path: /a, upstream: "http://127.0.0.1:1/mcp", issuers: [dev], policy: { rules: [] } }]
`

async function check(file: string, ...args: readonly string[]) {
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': file }) })
  return { code: await healthcheck(args, io), err: io.err() }
}

async function running(file: string) {
  const gateway = await startProcess({ yaml: file })
  onTestFinished(() => gateway.kill())
}

test('it asks where the file says, with the token that it names; --ready asks for issuers too', async () => {
  const [port, admin, issuer] = [await freePort(), await freePort(), await startIssuer()]
  onTestFinished(() => issuer.close())
  const listening = yaml(`{ listen: "0.0.0.0:${admin}", token: ${'t'.repeat(32)} }`, port, issuer.url)
  await running(listening)
  expect(await check(listening)).toEqual({ code: 0, err: '' })
  await expect.poll(() => check(listening, '--ready'), { timeout: 10_000 }).toEqual({ code: 0, err: '' })
})

test('an issuer that is down: it lives, and is not ready', async () => {
  const [port, admin] = [await freePort(), await freePort()]
  const listening = yaml(`{ listen: "127.0.0.1:${admin}" }`, port)
  await running(listening)
  expect(await check(listening)).toEqual({ code: 0, err: '' })
  expect(await check(listening, '--ready')).toEqual({
    code: 1,
    err: 'portcullis healthcheck: /readyz answered 503\n',
  })
})

test('nobody listens: 1, and where it asked', async () => {
  const admin = await freePort()
  const { code, err } = await check(yaml(`{ listen: "127.0.0.1:${admin}" }`, await freePort()))
  expect(code).toBe(1)
  expect(err).toContain(`/healthz at 127.0.0.1:${admin}: `)
  expect(err).toContain('ECONNREFUSED')
})

test('a broken file: 78, and what is wrong', async () => {
  const { code, err } = await check('public_url: 5\n')
  expect(code).toBe(78)
  expect(err).toContain('public_url')
})
