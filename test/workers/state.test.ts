// What workers share through their primary: the commands of core/shared-state.ts over a channel, and a primary that is slow,
// silent or gone.
import { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { StateCommands } from '../../src/core/shared-state.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { createStateClient } from '../../src/workers/state-client.ts'
import { createStateServer, type StateServer } from '../../src/workers/state-server.ts'

/** Two ends of a socket, as they are between two processes. */
function ends(): readonly [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        setImmediate(() => {
          if (!other().destroyed) other().push(chunk)
          done()
        })
      },
      destroy(error, done) {
        setImmediate(() => other().destroy())
        done(error)
      },
    })
  const one: Duplex = make(() => two)
  const two: Duplex = make(() => one)
  return [one, two]
}

function clientOf(server: StateServer): StateCommands {
  const [here, there] = ends()
  server.serve(there)
  return createStateClient(here)
}

function several(count: number): StateCommands[] {
  const server = createStateServer(createStateInMemory())
  return Array.from({ length: count }, () => clientOf(server))
}

const TEN = { count: 10, seconds: 60 }

describe('of all workers together', () => {
  test('a rate is what it says', async () => {
    const [one, two] = several(2) as [StateCommands, StateCommands]
    const takes = Array.from({ length: 30 }, (_, index) =>
      (index % 3 === 0 ? one : two).take('rate', 'ada', TEN, 1),
    )
    const waits = await Promise.all(takes)
    expect(waits.filter((wait) => wait === undefined)).toHaveLength(10)
    expect(await two.peek('rate', 'ada', TEN, 1)).toBeGreaterThan(0)
    expect(await two.peek('rate', 'bob', TEN, 10)).toBe(undefined)
    one.giveBack('rate', 'ada', TEN, 2)
    await one.peek('rate', 'ada', TEN, 1)
    expect(await two.take('rate', 'ada', TEN, 2)).toBe(undefined)
    expect(await two.take('rate', 'ada', TEN, 1)).toBeGreaterThan(0)
  })

  test('an id is used once, and an owner holds no more than its share', async () => {
    const [one, two] = several(2) as [StateCommands, StateCommands]
    const keeping = { forMs: 60_000, most: 3 }
    const use = (client: StateCommands, id: string, owner = 'ada') => client.use('proofs', owner, id, keeping)
    const both = await Promise.all([use(one, 'a'), use(two, 'a')])
    expect(both).toEqual([
      { outcome: 'first', since: 0 },
      { outcome: 'again', since: 0 },
    ])
    await use(one, 'b')
    await use(two, 'c')
    expect(await use(one, 'd')).toMatchObject({ outcome: 'full' })
    expect(await use(two, 'd', 'bob')).toMatchObject({ outcome: 'first' })
  })

  test('what one keeps another finds', async () => {
    const [one, two] = several(2) as [StateCommands, StateCommands]
    const keeping = { forMs: 60_000, most: 2 }
    for (const key of ['1', '2', '3']) await one.keep('tasks', 'ada', key, `task ${key}`, keeping)
    expect(await two.find('tasks', 'ada', '3')).toBe('task 3')
    expect(await two.find('tasks', 'ada', '1')).toBe(undefined) // beyond the share
    await one.keep('tasks', 'ada', '9', 'short', { forMs: 1, most: 2 })
    await delay(5)
    expect(await two.find('tasks', 'ada', '9')).toBe(undefined)
  })

  test('what one removes was given once', async () => {
    const [one, two] = several(2) as [StateCommands, StateCommands]
    await one.keep('scopes', 'ada', '1', 'write', { forMs: 60_000, most: 2 })
    const given = await Promise.all([one.remove('scopes', 'ada', '1'), two.remove('scopes', 'ada', '1')])
    expect(given.toSorted()).toEqual(['write', undefined])
    expect(await one.find('scopes', 'ada', '1')).toBe(undefined)
    expect(await one.remove('nothing', 'ada', '1')).toBe(undefined)
  })

  test('a lock has one holder, until it ends', async () => {
    const [one, two] = several(2) as [StateCommands, StateCommands]
    expect(await one.lock('refresh', 'one', 60_000)).toBe(true)
    expect(await two.lock('refresh', 'two', 60_000)).toBe(false)
    two.unlock('refresh', 'two') // not its own
    expect(await two.lock('refresh', 'two', 60_000)).toBe(false)
    one.unlock('refresh', 'one')
    await one.peek('rate', 'x', TEN, 1)
    expect(await two.lock('refresh', 'two', 1)).toBe(true)
    await delay(5)
    expect(await one.lock('refresh', 'one', 60_000)).toBe(true)
  })

  test('an event is heard by all others', async () => {
    const clients = several(3)
    const heard: string[][] = clients.map(() => [])
    for (const [index, client] of clients.entries())
      client.listen({ heard: (event) => void heard[index]?.push(event), lost: () => undefined })
    clients[0]?.publish('one')
    clients[0]?.publish('two')
    await clients[0]?.peek('rate', 'x', TEN, 1)
    await delay(20)
    expect(heard).toEqual([[], ['one', 'two'], ['one', 'two']])
  })
})

describe('F44 a primary that does not answer', () => {
  test('is away after a second, and what waits is bounded', async () => {
    const [here] = ends()
    const client = createStateClient(here)
    const asked = Array.from({ length: 10_000 }, () => client.take('rate', 'ada', TEN, 1))
    expect(await client.take('rate', 'ada', TEN, 1)).toBe('unavailable') // at once: no place is left
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['unavailable']))
  })

  test('that is gone is away at once, and the feed is lost', async () => {
    const [here, there] = ends()
    const client = createStateClient(here)
    let lost = 0
    client.listen({
      heard: () => undefined,
      lost: () => {
        lost += 1
      },
    })
    const asked = client.use('proofs', 'ada', 'a', { forMs: 1_000, most: 1 })
    there.destroy()
    expect(await asked).toBe('unavailable')
    expect(await client.find('tasks', 'ada', 'a')).toBe('unavailable')
    expect(lost).toBe(2)
  })

  test('a worker that reads nothing is told that it missed something', async () => {
    const server = createStateServer(createStateInMemory())
    const talker = clientOf(server)
    const [here, there] = ends()
    server.serve(there)
    there.cork() // nothing of it goes out
    const event = 'x'.repeat(1024 * 1024)
    for (let index = 0; index < 12; index += 1) {
      talker.publish(event)
      await talker.peek('rate', 'x', TEN, 1)
    }
    expect(there.writableLength).toBeLessThan(11 * 1024 * 1024)
    const late = createStateClient(here)
    let [heard, lost] = [0, 0]
    late.listen({
      heard: () => {
        heard += 1
      },
      lost: () => {
        lost += 1
      },
    })
    there.uncork()
    await delay(50)
    talker.publish('last')
    await delay(50)
    expect(heard).toBeLessThan(13)
    expect(lost).toBeGreaterThan(1)
  })
})
