// F04, F05: what lies between the gateway and the upstream: nobody listens, names do not resolve, or resolve to
// somebody else.
import dns from 'node:dns'
import { afterEach, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { startUpstream } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(async () => {
  vi.restoreAllMocks()
  await gateway.close()
})

type Answered = (error: NodeJS.ErrnoException | null, address: unknown, family?: number) => void

/** Answers each question for upstream.example from a list; the last entry stays. */
function resolveTo(...answers: readonly (string | Error)[]) {
  let asked = 0
  const real = dns.lookup
  const lookup = (name: string, options: { all?: boolean }, callback: Answered) => {
    if (name !== 'upstream.example') return real(name, options, callback)
    const answer = answers[Math.min(asked, answers.length - 1)] as string | Error
    asked += 1
    if (answer instanceof Error) return callback(answer, '')
    return options.all ? callback(null, [{ address: answer, family: 4 }]) : callback(null, answer, 4)
  }
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as never)
}

const failure = (code: string) => Object.assign(new Error(code), { code })

async function expectBadGateway() {
  const response = await gateway.post(toolCall('safe', 3))
  const text = await response.text()
  expect(response.status).toBe(502)
  expect(JSON.parse(text)).toMatchObject({ id: 3, error: { code: -32603 } })
  expect(text).not.toMatch(/example|127\.0\.0\.1|E[A-Z]{4}/)
}

test('F04 nobody listens: 502; as soon as somebody does, it works', async () => {
  const port = await freePort()
  gateway = await startTestGateway({ upstreamUrl: `http://127.0.0.1:${port}/mcp` })
  await expectBadGateway()
  const late = await startUpstream()
  await new Promise<void>((resolve) => late.server.close(() => resolve()))
  await new Promise<void>((resolve) => late.server.listen(port, '127.0.0.1', resolve))
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  await late.close()
})

test.each(['ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL'])('F05 the name does not resolve: %s', async (code) => {
  resolveTo(failure(code))
  gateway = await startTestGateway({ upstreamUrl: 'http://upstream.example/mcp' })
  await expectBadGateway()
})

test('F05 the name resolves again: it heals by itself', async () => {
  const upstream = await startUpstream()
  resolveTo(failure('EAI_AGAIN'), '127.0.0.1')
  gateway = await startTestGateway({ upstreamUrl: upstream.url.replace('127.0.0.1', 'upstream.example') })
  await expectBadGateway()
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  expect(upstream.received[0]?.headers.host).toBe(
    new URL(upstream.url).host.replace('127.0.0.1', 'upstream.example'),
  )
  await upstream.close()
})

test('F05 the name turns into a link-local address: refused at the connection', async () => {
  const upstream = await startUpstream((_request, response) => {
    response.shouldKeepAlive = false
    response.writeHead(202).end()
  })
  resolveTo('127.0.0.1', '169.254.169.254')
  gateway = await startTestGateway({ upstreamUrl: upstream.url.replace('127.0.0.1', 'upstream.example') })
  expect((await gateway.post(toolCall('safe'))).status).toBe(202)
  await expectBadGateway()
  await upstream.close()
})
