// Password hashes: argon2id with a bounded amount of work at once. Knows nothing of who signs in, and keeps no
// password longer than its hash takes.
import { hash, verify } from '@node-rs/argon2'

/** OWASP Password Storage: argon2id (the default of the binding), 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const CURRENT = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`
/** Each hash takes 19 MiB and a core: two at once, and a queue that is refused rather than long (D-class attacks). */
const MAX_AT_ONCE = 2
const MAX_WAITING = 64

export const MIN_PASSWORD_CHARS = 10
/** Longer ones are refused before they cost anything. */
const MAX_PASSWORD_BYTES = 1_024

export type PasswordCheck = 'right' | 'wrong' | 'busy'

export interface Passwords {
  /** The PHC string to keep; undefined when too many hashes wait. */
  hash(password: string): Promise<string | undefined>
  /** `kept` of undefined costs the same time and is always wrong, so that unknown names cannot be told (K-class). */
  check(kept: string | undefined, password: string): Promise<PasswordCheck>
}

export function createPasswords(): Passwords {
  const turn = createTurns()
  const decoy = turn(() => hash('no password has this hash', COST))
  return {
    hash: (password) => turn(() => hash(normal(password), COST)),
    async check(kept, password) {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'wrong'
      const against = kept ?? (await decoy) ?? ''
      const holds = await turn(() => verify(against, normal(password)))
      if (holds === undefined) return 'busy'
      return holds && kept !== undefined ? 'right' : 'wrong'
    },
  }
}

/** What is wrong with a new password, for the person who chose it; undefined when nothing is. */
export function passwordProblem(password: string): string | undefined {
  if ([...password].length < MIN_PASSWORD_CHARS)
    return `a password needs at least ${MIN_PASSWORD_CHARS} characters`
  return Buffer.byteLength(password) > MAX_PASSWORD_BYTES
    ? `a password has at most ${MAX_PASSWORD_BYTES} bytes`
    : undefined
}

/** Whether a kept hash was made with other costs than today's, so that the next right sign-in renews it. */
export function isOutdated(kept: string): boolean {
  return !kept.startsWith(CURRENT)
}

/** NIST SP 800-63B §3.1.1.2: the same characters, however a keyboard composes them. */
function normal(password: string): string {
  return password.normalize('NFKC')
}

type Turn = <T>(work: () => Promise<T>) => Promise<T | undefined>

/** Runs at most so many at once, in the order of asking; undefined for one too many. */
function createTurns(): Turn {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING) return undefined
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
