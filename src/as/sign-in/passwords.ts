// Password hashes: argon2id with a bounded amount of work at once. Knows nothing of who signs in, and keeps no
// password longer than its hash takes.
import { hash, verify } from '@node-rs/argon2'
import { createFairQueue } from '../../core/fair-queue.ts'
import { createShares, shareOf } from '../../core/shares.ts'

/** OWASP Password Storage: argon2id (the default of the binding), 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const CURRENT = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`
/** Each hash takes 19 MiB and a core: two at once, and a queue that is refused rather than long (D-class attacks). */
const MAX_AT_ONCE = 2
const MAX_WAITING = 64
/** The part of the waiting places that one network may have. */
const SHARE = 0.25

export const MIN_PASSWORD_CHARS = 10
/** Longer ones are refused before they cost anything. */
export const MAX_PASSWORD_BYTES = 1_024

export type PasswordCheck = 'right' | 'wrong' | 'busy'

/** `network`: of whoever waits for it. */
export interface Passwords {
  /** The PHC string to keep; undefined when too many hashes wait. */
  hash(password: string, network?: string): Promise<string | undefined>
  /** `kept` of undefined costs the same time and is always wrong, so that unknown names cannot be told (K-class). */
  check(kept: string | undefined, password: string, network?: string): Promise<PasswordCheck>
}

export function createPasswords(): Passwords {
  const turn = createTurns()
  const decoy = turn('', () => hash('no password has this hash', COST))
  return {
    hash: (password, network = '') => turn(network, () => hash(normal(password), COST)),
    async check(kept, password, network = '') {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'wrong'
      const against = kept ?? (await decoy) ?? ''
      const holds = await turn(network, () => verify(against, normal(password)))
      if (holds === undefined) return 'busy'
      return holds && kept !== undefined ? 'right' : 'wrong'
    },
  }
}

/** What is wrong with a new password; undefined when nothing is. */
export function passwordFault(password: string): 'short' | 'long' | undefined {
  if ([...password].length < MIN_PASSWORD_CHARS) return 'short'
  return Buffer.byteLength(password) > MAX_PASSWORD_BYTES ? 'long' : undefined
}

/** The same as a sentence for an operator. */
export function passwordProblem(password: string): string | undefined {
  switch (passwordFault(password)) {
    case 'short':
      return `a password needs at least ${MIN_PASSWORD_CHARS} characters`
    case 'long':
      return `a password has at most ${MAX_PASSWORD_BYTES} bytes`
    default:
      return undefined
  }
}

/** Whether a kept hash was made with other costs than today's, so that the next right sign-in renews it. */
export function isOutdated(kept: string): boolean {
  return !kept.startsWith(CURRENT)
}

/** NIST SP 800-63B §3.1.1.2: the same characters, however a keyboard composes them. */
function normal(password: string): string {
  return password.normalize('NFKC')
}

type Turn = <T>(network: string, work: () => Promise<T>) => Promise<T | undefined>

/** Runs at most so many at once; those who wait take turns by network (A70); undefined for one too many. */
function createTurns(): Turn {
  const places = createShares({ size: MAX_AT_ONCE, share: MAX_AT_ONCE })
  const waiting = createFairQueue<{ go: () => void }>({
    size: MAX_WAITING,
    share: shareOf(MAX_WAITING, SHARE),
  })
  return async (network, work) => {
    if (places.take('') !== undefined) {
      const turn = Promise.withResolvers<void>()
      if (waiting.join(network, { go: turn.resolve }) === undefined) return undefined
      await turn.promise
    }
    try {
      return await work()
    } finally {
      const next = waiting.next()
      if (next) next.go()
      else places.give('')
    }
  }
}
