// What any store must hold: of any number who want the same thing at once, one gets it.
import { expect, test } from 'vitest'
import type { Store } from '../../../src/as/store/store.ts'

const MANY = 20

async function atOnce<T>(work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: MANY }, (_, index) => work(index)))
}

export function holdsThingsOnce(opened: () => Store): void {
  test.each(['AuthorizationCode', 'RefreshToken', 'DeviceCode'])(
    'A12: %s is consumed once',
    async (model) => {
      const { artifacts } = opened()
      await artifacts.save(model, 'x', { grantId: 'g' }, 60)
      const consumed = await atOnce(() => artifacts.consume(model, 'x'))
      expect(consumed.filter(Boolean)).toEqual([true])
      expect((await artifacts.find(model, 'x'))?.consumedAt).toBeTypeOf('number')
    },
  )

  test('A12: also where each is a part of something bigger', async () => {
    const store = opened()
    await store.artifacts.save('RefreshToken', 'x', { grantId: 'g' }, 60)
    const units = await atOnce((index) =>
      store.transaction(async ({ artifacts }) => {
        if (!(await artifacts.consume('RefreshToken', 'x'))) return undefined
        await artifacts.save('RefreshToken', `successor ${index}`, { grantId: 'g' }, 60)
        return index
      }),
    )
    const winners = units.filter((one) => one !== undefined)
    expect(winners).toHaveLength(1)
    const made = await atOnce((index) => store.artifacts.has('RefreshToken', `successor ${index}`))
    expect(made.flatMap((isThere, index) => (isThere ? [index] : []))).toEqual(winners)
  })

  test('what was never there, or is gone, is not consumed', async () => {
    const { artifacts } = opened()
    expect(await artifacts.consume('RefreshToken', 'never')).toBe(false)
    await artifacts.save('RefreshToken', 'x', {}, 60)
    await artifacts.destroy('RefreshToken', 'x')
    expect(await artifacts.consume('RefreshToken', 'x')).toBe(false)
  })

  test('a proof is taken once, a value serves once, a name is given once', async () => {
    const { artifacts, singleUses, users } = opened()
    const goneAt = Date.now() + 60_000
    const proofs = await atOnce(() => artifacts.insert('ReplayDetection', 'proof', {}, 60))
    expect(proofs.filter(Boolean)).toEqual([true])
    const uses = await atOnce(() => singleUses.use('used login state', 'state', goneAt))
    expect(uses.filter((use) => use === 'first')).toEqual(['first'])
    expect(await singleUses.use('ended session', 'state', goneAt)).toBe('first')
    const names = await atOnce((index) => users.add('ada', `hash ${index}`))
    expect(names.filter(Boolean)).toEqual([true])
  })

  test('a provider is asked by one, and an event is told by one', async () => {
    const { providerTokens, outbox } = opened()
    await providerTokens.keep('fake:ada', 'a token')
    const early = await atOnce(() => providerTokens.take('fake:ada'))
    expect(early.filter((one) => one !== undefined).length).toBeLessThanOrEqual(1)
    await atOnce((index) => outbox.put({ event: 'signed_out', actor: 'ada', detail: String(index) }))
    const told = (await atOnce(() => outbox.take())).flat().map(({ detail }) => Number(detail))
    expect(told.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: MANY }, (_, index) => index),
    )
    expect(await outbox.take()).toEqual([])
  })

  test('what was replaced meanwhile is not removed', async () => {
    const { providerTokens, users } = opened()
    await users.add('ada', 'old')
    expect(await users.renewHash('ada', 'another', 'new')).toBe(false)
    expect(await users.passwordOf('ada')).toBe('old')
    await providerTokens.keep('fake:ada', 'first')
    const was = { token: 'first', sealed: Buffer.from('something else') }
    expect(await providerTokens.remove('fake:ada', was)).toBe(false)
  })
}
