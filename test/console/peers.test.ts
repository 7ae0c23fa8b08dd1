// One console for several gateways: their calls and counts beside its own, and who is away or answers nonsense.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readToldCalls, readToldMinutes } from '../../src/console/told.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { openEvents } from './events.ts'
import { ADMIN, consoleAt, shownBy } from './operators.ts'

const PEER_TOKEN = shownBy('viewer')['authorization']?.slice('Bearer '.length) ?? ''

let east: TestGateway
let west: TestGateway
let odd: Server
let answerOddly: RequestListener
const asked: string[] = []

beforeAll(async () => {
  odd = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    answerOddly(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => odd.once('listening', resolve))
  answerOddly = (_request, response) => void response.writeHead(500).end()
  east = await startTestGateway({ admin: ADMIN })
  const peers = [
    ['east', east.running.adminOrigin],
    ['odd', `http://127.0.0.1:${(odd.address() as AddressInfo).port}/`],
    ['gone', 'http://127.0.0.1:1'],
  ].map(([name, url]) => `{ name: ${name}, url: "${url}", token: "\${PEER}" }`)
  west = await startTestGateway({
    admin: `${ADMIN.slice(0, -1)}, peers: [${peers.join(', ')}] }`,
    env: { PEER: PEER_TOKEN },
  })
})
afterAll(async () => {
  await west.close()
  await east.close()
  odd.close()
})

const pageOf = async (path: string) => (await consoleAt(west.running.adminOrigin).page(path, 'viewer')).text
const callBy = (gateway: TestGateway, sub: string) =>
  gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub })}` })

describe('a console with peers', () => {
  test('calls of each, newest first, with where they were; and who does not answer', async () => {
    await callBy(east, 'ada')
    await callBy(west, 'grace')
    await callBy(east, 'linus')
    const page = await pageOf('/calls')
    expect(page).toMatch(/linus[\s\S]*at <bdi>east<\/bdi>[\s\S]*grace[\s\S]*ada[\s\S]*at <bdi>east<\/bdi>/)
    expect(page).toContain('no answer from odd, gone.')
    expect(await pageOf('/calls?q=subject:ada')).not.toContain('grace')
  })

  test('the event stream has those of peers too, each once', async () => {
    const events = await openEvents(
      `${west.running.adminOrigin}/console/calls/events?q=subject:live`,
      shownBy('viewer'),
    )
    await events.next()
    await callBy(east, 'live-east')
    await callBy(west, 'live-west')
    let rows = ''
    while (!rows.includes('live-east') || !rows.includes('live-west')) rows += (await events.next()).rows
    await callBy(west, 'live-last')
    while (!rows.includes('live-last')) rows += (await events.next()).rows
    events.close()
    expect(rows.match(/live-/g)).toHaveLength(3)
  })

  test('the routes are its own, the charts of all that answer, and each peer has its state', async () => {
    const page = await pageOf('')
    expect(page).toContain('The charts are of 2 of 4 gateways.')
    expect(page).toMatch(/<bdi>east<\/bdi><\/a><\/th><td><span class="state">ready/)
    expect(page).toMatch(
      /<bdi>gone<\/bdi><\/a><\/th><td><span class="state no">away<\/span><\/td><td class="words"><bdi>ECONNREFUSED/,
    )
    expect(page).toMatch(/<bdi>odd<\/bdi>[\s\S]*it answers 500/)
  })

  test.each([
    ['no JSON', '<html>', 'it answers as no gateway does'],
    ['something else', '{"calls":[{"at":"x"}],"kept":1,"last":{}}', 'it answers as no gateway does'],
    ['a list without end', `[${'1,'.repeat(3_000_000)}1]`, 'the answer is larger than'],
  ])('%s from a peer makes no page fail', async (_what, body, why) => {
    answerOddly = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    expect(await pageOf('/calls')).toContain('no answer from odd, gone.')
    expect(await pageOf('')).toContain(why)
  })

  test('a name that a peer chose acts nowhere', async () => {
    const hostile = '<img src=x onerror=alert(1)>\u202e'
    const call = {
      ...{
        id: hostile,
        at: Date.now(),
        durationMs: 1,
        who: hostile,
        client: hostile,
        route: hostile,
        method: hostile,
      },
      ...{
        target: hostile,
        others: 0,
        words: hostile,
        reason: hostile,
        detail: hostile,
        rule: hostile,
        status: 200,
      },
      ...{ isRefused: true, gateway: hostile },
    }
    const told = { calls: [call], last: { own: 1 }, kept: 1, silent: [hostile] }
    answerOddly = (_request, response) => void response.end(JSON.stringify(told))
    const page = await pageOf('/calls')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;\\u202e')
    expect(page).not.toMatch(/<img|\u202e/)
  })

  test('a peer is shown the token of the file, and nothing tells it to anybody', async () => {
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.every((each) => each.endsWith(` Bearer ${PEER_TOKEN}`))).toBe(true)
    expect(await pageOf('/settings')).not.toContain(PEER_TOKEN)
  })
})

test('what a gateway tells is read back as it is, and nothing else is', () => {
  const call = {
    ...{
      id: 'i',
      at: 1,
      durationMs: 1,
      who: 'w',
      client: '',
      route: 'r',
      method: 'm',
      target: '',
      others: 0,
    },
    ...{ words: '', reason: '', detail: '', rule: '', status: 200, isRefused: false, gateway: '' },
  }
  const told = { calls: [call, call], last: { own: 2 }, kept: 2, silent: [] }
  expect(readToldCalls(told, 200)).toEqual(told)
  expect(readToldCalls(told, 1)?.calls).toHaveLength(1)
  for (const wrong of [{ at: 1e300 }, { at: -1 }, { who: 1 }, { isRefused: 'yes' }, { status: null }])
    expect(readToldCalls({ ...told, calls: [{ ...call, ...wrong }] }, 1)).toBeUndefined()
  expect(readToldCalls({ ...told, last: { own: 'x' } }, 1)).toBeUndefined()
  const minute = { minute: 1, calls: 1, refused: 0, took: Array.from({ length: 14 }, () => 0) }
  expect(readToldMinutes([minute])).toEqual([minute])
  for (const wrong of [{ took: [1] }, { calls: -1 }, { minute: Number.NaN }])
    expect(readToldMinutes([{ ...minute, ...wrong }])).toBeUndefined()
})
