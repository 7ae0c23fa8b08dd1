// What any store must hold: a transaction is whole, and nothing of anybody else happens inside of it.
import { AsyncResource } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Repositories, Store } from '../../../src/as/store/store.ts'

const KIND = { name: 'registration', most: 100 } as const

/** Another request: what it does is not inside of the transaction that is under way. */
const otherRequest = new AsyncResource('request')

/** Reads, waits, and writes one more: loses counts wherever another one gets in between. */
async function countOne({ tallies }: Repositories): Promise<void> {
  const count = (await tallies.get(KIND, 'k'))?.count ?? 0
  await turn()
  await tallies.set(KIND, 'k', { count: count + 1, at: 1 }, Date.now() + 60_000)
}

async function countBoth({ clients, users }: Repositories): Promise<number[]> {
  return [(await clients.list()).length, (await users.list()).length]
}

export function holdsTransactions(opened: () => Store): void {
  test('all or nothing', async () => {
    const store = opened()
    const work = store.transaction(async ({ clients, consents, revocations, users }) => {
      await users.add('ada', 'hash')
      await clients.save('a', 'operator', {})
      const consent = { clientId: 'a', clientName: 'A', redirectUri: '', resource: 'r', scopes: ['s'] }
      await consents.give('ada', consent)
      await revocations.add('grant', 'g')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await store.users.find('ada')).toBeUndefined()
    expect(await store.clients.find('a')).toBeUndefined()
    expect(await store.consents.list('ada')).toEqual([])
    expect(store.live.revokedAt('grant', 'g')).toBeUndefined()
  })

  test('one that failed holds nobody up, and gives back what it returns', async () => {
    const store = opened()
    const works = Array.from({ length: 10 }, (_, index) =>
      store.transaction(async (within) => {
        await countOne(within)
        if (index % 2 === 0) throw new Error('no')
        return index
      }),
    )
    const settled = await Promise.allSettled(works)
    expect(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toEqual([1, 3, 5, 7, 9])
    expect((await store.tallies.get(KIND, 'k'))?.count).toBe(5)
  })

  test.each(['lasting', 'fleeting'] as const)('many at once count each: %s', async (durability) => {
    const store = opened()
    await Promise.all(Array.from({ length: 30 }, () => store.transaction(countOne, durability)))
    expect((await store.tallies.get(KIND, 'k'))?.count).toBe(30)
  })

  test('what it revoked and whom it shut out is told when it is certain, not before', async () => {
    const store = opened()
    await store.users.add('ada', 'hash')
    const seen: unknown[] = []
    await store.transaction(async ({ revocations, users }) => {
      await revocations.add('token', 't')
      await users.setDisabled('ada', true)
      seen.push(store.live.revokedAt('token', 't'))
    })
    expect(seen).toEqual([undefined])
    expect(store.live.revokedAt('token', 't')).toBeTypeOf('number')
    expect(await store.live.person('ada')).toMatchObject({ disabled: true })
  })

  test('its repositories end with it', async () => {
    const store = opened()
    const kept = await store.transaction(async (within) => within)
    await expect(kept.users.add('late', 'hash')).rejects.toThrow()
    expect(await store.users.find('late')).toBeUndefined()
  })

  describe('two requests, interleaved at every await of the first', () => {
    /** What the first one does, step by step. */
    const steps = [
      ({ clients }: Repositories) => clients.save('first', 'operator', { step: 0 }),
      ({ users }: Repositories) => users.add('first', 'hash'),
      ({ clients }: Repositories) => clients.save('first', 'operator', { step: 1 }),
      ({ users }: Repositories) => users.setDisabled('first', true),
    ]
    const others: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
      'a read': ({ clients }) => clients.list(),
      'a write': ({ clients }) => clients.save('second', 'operator', {}),
      'a transaction': ({ transaction }) =>
        transaction(async ({ clients, users }) => {
          const seen = [await clients.find('first'), await users.find('first')]
          await clients.save('second', 'operator', {})
          return seen
        }),
    }
    const cases = Object.keys(others).flatMap((name) => steps.map((_step, at) => [name, at] as const))

    test.each(cases)('%s after step %i', async (name, at) => {
      const store = opened()
      let other: Promise<unknown> | undefined
      const inside = await store.transaction(async (within) => {
        const before = await countBoth(within)
        for (const [index, step] of steps.entries()) {
          await step(within)
          if (index === at) other ??= otherRequest.runInAsyncScope(() => others[name]?.(store))
          for (let waits = 0; waits < 5; waits += 1) await turn()
        }
        return (await countBoth(within)).map((count, kind) => count - (before[kind] ?? 0))
      })
      expect(inside).toEqual([1, 1]) // its own, and nothing that came in between
      const seen = (await other) as
        | readonly ({ metadata?: object; disabled?: boolean } | undefined)[]
        | undefined
      // Before it or after it, but never a part of it.
      const parts = (seen ?? []).filter((part) => part !== undefined)
      expect([0, name === 'a read' ? 1 : 2]).toContain(seen === undefined ? 0 : parts.length)
      for (const { metadata, disabled } of parts)
        expect(metadata ?? disabled).toEqual(metadata ? { step: 1 } : true)
      expect((await store.clients.list()).length).toBe(name === 'a read' ? 1 : 2)
    })
  })
}
