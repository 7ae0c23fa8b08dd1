// What the process keeps of a secret, and what it says of itself to those it asks: rows of K beside those about logs.
import { text } from 'node:stream/consumers'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { openScene, outcome } from '../token/scene.ts'

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const reversed = (word: string) => [...word].reverse().join('')

test('K15 a token that was judged good or bad is in no cache, and so in no dump of the heap', {
  timeout: 60_000,
}, async () => {
  const scene = await openScene()
  /** What is looked for, backwards, so that the look itself does not put it there. */
  const judged = async (over: object) => {
    const token = scene.as.sign(scene.claims({ jti: 'x'.repeat(40), ...over }))
    const verdict = outcome(await scene.verify(token))
    return { verdict, mark: reversed(token.slice(-40)) }
  }
  const marks = [await judged({}), await judged({ exp: 1 }), await judged({ aud: 'other' })]
  expect(marks.map(({ verdict }) => verdict)).toEqual(['ok', 'expiry', 'audience'])
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  const heap = await text(getHeapSnapshot())
  expect(heap).toContain(marks[0]?.mark)
  for (const { mark } of marks) expect(heap.includes(reversed(mark))).toBe(false)
})

test('K20 neither issuer nor upstream hears what the gateway runs on, or where', async () => {
  gateway = await startTestGateway({
    issuer: '    validation: introspection\n    introspection: { client_id: gw, client_secret: secret }',
  })
  const { issuer, upstream, post, resource } = gateway
  const exp = Math.floor(Date.now() / 1_000) + 600
  issuer.introspect = () => ({
    active: true,
    iss: issuer.url,
    aud: resource,
    sub: 'u',
    client_id: 'c',
    scope: 'a',
    exp,
  })
  expect(
    (await post(toolCall('safe'), { authorization: 'Bearer opaque', 'user-agent': 'client/1' })).status,
  ).toBe(200)
  const asked = issuer.asked[0]?.headers ?? {}
  expect(Object.keys(asked).sort()).toEqual([
    ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host'],
  ])
  const sent = upstream.received[0]?.headers ?? {}
  expect(sent['user-agent']).toBe('client/1')
  for (const name of ['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'server', 'traceparent']) {
    expect(sent).not.toHaveProperty(name)
  }
})
