// Texts that several gateways remember. While the store is away each finds the texts that were given to itself.
import { type Keeping, type TextMemory, UNAVAILABLE, type Unavailable } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

export function createRemoteTexts(
  { commands, privacy }: RemoteParts,
  table: string,
  keeping: Keeping,
  own: TextMemory,
): TextMemory {
  const keyOf = (owner: string, key: string) => privacy.digest(JSON.stringify([owner, key]))
  const placeOf = (key: string) => `${table} ${key}`
  const opened = (found: string | undefined | Unavailable, key: string) =>
    found === undefined || found === UNAVAILABLE ? found : privacy.open(found, placeOf(key))
  return {
    async remember(owner, name, text) {
      await own.remember(owner, name, text)
      const key = keyOf(owner, name)
      await commands.keep(table, privacy.name(owner), key, privacy.seal(text, placeOf(key)), keeping)
    },
    async find(owner, name) {
      const key = keyOf(owner, name)
      const found = opened(await commands.find(table, privacy.name(owner), key), key)
      return found === UNAVAILABLE ? own.find(owner, name) : found
    },
    async remove(owner, name) {
      const ownText = await own.remove(owner, name)
      const key = keyOf(owner, name)
      const found = opened(await commands.remove(table, privacy.name(owner), key), key)
      return found === UNAVAILABLE ? ownText : found
    },
  }
}
