// The feed between gateways: an event is heard by the others, and whatever may have been missed is told. Debian's
// redis-server 7.0.15, or valkey-server where it is installed.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FeedEvent, SharedState } from '../../src/core/shared-state.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState, SESSION_KEY } from './open-state.ts'

const STREAM = 'test:{feed}stream'
const POSITION = 'test:{feed}position'

describe.skipIf(redisMissing() !== undefined)('the feed', () => {
  let redis: TestRedis
  let open: SharedState[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(open.map((state) => state.close()))
    open = []
  })
  afterAll(() => redis.close())

  const join = async (sessionKey = SESSION_KEY) => {
    const state = await openTestState(stateSettings([redis.port]), { sessionKey })
    open.push(state)
    const heard: string[] = []
    let lost = 0
    state.feed.listen({
      heard: (event) => void (event.kind === 'verdict_forgotten' && heard.push(event.digest)),
      lost: () => {
        lost += 1
      },
    })
    await until(() => lost > 0, 'it has found its place in the feed')
    return { state, heard, lost: () => lost }
  }
  const event = (digest: string): FeedEvent => ({ kind: 'verdict_forgotten', route: 'a', digest })

  test('an event is heard once by each other, in order, and not by who told it', async () => {
    const [one, two, three] = [await join(), await join(), await join()]
    for (let n = 0; n < 1_200; n += 1) one.state.feed.publish(event(`d${n}`))
    const all = Array.from({ length: 1_200 }, (_, n) => `d${n}`)
    await until(() => two.heard.length >= 1_200 && three.heard.length >= 1_200, 'all were heard')
    expect([two.heard, three.heard, one.heard]).toEqual([all, all, []])
    expect([one.lost(), two.lost(), three.lost()]).toEqual([1, 1, 1])
  })

  test('D56 a flush, a restart and a hole in the stream are told as lost, and the feed goes on', async () => {
    const [one, two] = [await join(), await join()]
    const next = async (digest: string) => {
      await until(() => one.state.status?.().ready === true, 'it is connected')
      one.state.feed.publish(event(digest))
      await until(() => two.heard.includes(digest), `${digest} was heard`)
    }
    await next('before')
    redis.cli('FLUSHALL')
    await until(() => two.lost() === 2, 'the flush is noticed')
    await next('after the flush')
    await redis.kill()
    await redis.start()
    await until(() => two.lost() >= 3, 'the restart is noticed')
    await next('after the restart')
    const before = two.lost()
    redis.cli('SET', POSITION, '1000')
    await until(() => two.lost() > before, 'the hole is noticed')
    await next('after the hole')
  })

  test('D57 while the server is away that is told again and again, so that nothing is kept for long', async () => {
    const { lost } = await join()
    await redis.kill()
    const before = lost()
    await until(() => lost() >= before + 2, 'it was told twice')
    await redis.start()
  })

  test('D58 what somebody else writes into the stream is never acted on as an event', async () => {
    const [one, stranger] = [await join(), await join(Buffer.from('another key of thirty-two bytes!'))]
    const before = one.lost()
    stranger.state.feed.publish(event('forged'))
    await until(() => one.lost() > before, 'it is told as lost')
    redis.cli('INCR', POSITION)
    redis.cli('XADD', STREAM, `${redis.cli('GET', POSITION).trim()}-0`, 'event', '{"from":"x","event":{}}')
    await until(() => one.lost() > before + 1, 'this too')
    expect(one.heard).toEqual([])
  })
})
