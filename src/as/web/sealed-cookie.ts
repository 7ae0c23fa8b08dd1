// A cookie whose content only we can read or make, and which ends at a time that stands inside it, whatever the
// browser does. Knows nothing of what is kept.
import type { IncomingMessage } from 'node:http'
import { createSeal } from '../../lib/seal.ts'
import type { BrowserState } from './browser-state.ts'
import type { CookieJar } from './cookies.ts'

export interface SealedCookie<T> {
  /** Undefined when it is absent, not ours, changed, made for another use, or over. */
  read(request: IncomingMessage): T | undefined
  /** A Set-Cookie value. */
  write(content: T, lifeSeconds: number): string
  clear(): string
}

interface Envelope<T> {
  readonly content: T
  /** Epoch milliseconds. */
  readonly until: number
}

/** @param place what the seal is bound to: a cookie of the same name from another place cannot be read */
export function createSealedCookie<T>(
  jar: CookieJar,
  { clock, secret }: Pick<BrowserState, 'clock' | 'secret'>,
  name: string,
  place = name,
): SealedCookie<T> {
  const seal = createSeal(secret, 'cookie')
  return {
    read(request) {
      const value = jar.read(request, name)
      const text = value === undefined ? undefined : seal.open(Buffer.from(value, 'base64url'), place)
      if (text === undefined) return undefined
      const { content, until } = JSON.parse(text) as Envelope<T> // we wrote it: the tag held
      return until > clock.now() ? content : undefined
    },
    write(content, lifeSeconds) {
      const envelope: Envelope<T> = { content, until: clock.now() + lifeSeconds * 1_000 }
      return jar.write(name, seal.seal(JSON.stringify(envelope), place).toString('base64url'), lifeSeconds)
    },
    clear: () => jar.clear(name),
  }
}
