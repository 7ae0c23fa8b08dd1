// Who asks at the administration port: whoever shows a token, or has a session in a browser. Sessions begin with a token,
// with a word that stood at the terminal, or with a person at an issuer (doors.ts). They are kept by the process that has the port, so that with workers it
// is the primary.
import type { OwnServerNow } from '../as/browser/console-login.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Branding } from '../core/branding.ts'
import { ENTER_PATH, isConsolePath } from '../core/console-paths.ts'
import { networkOf } from '../core/network.ts'
import type { Settings } from '../core/settings.ts'
import type { OperatorSettings } from '../core/settings-admin.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { FoundOperator, TooManyTries } from '../http/admin.ts'
import type { AdminContext, OpenPage } from '../http/admin-page.ts'
import { createTokenOperators } from '../http/operator-tokens.ts'
import { digestOfParts } from '../lib/digest-of-parts.ts'
import { createRateLimit } from '../limits/rates.ts'
import { createConsoleCookie } from './console-cookie.ts'
import { createDoors } from './doors.ts'
import { createEntryWords } from './entry-words.ts'
import { hasWord, isOwnHost, isSameOrigin } from './same-origin.ts'
import { createOperatorSessions } from './sessions.ts'
import { createShownTokens } from './shown-tokens.ts'
import { createIsStillIn, createLastingLook } from './still-in.ts'

/** Tries of one network that fail, whether a token is typed or shown with a request. */
const MAX_FAILED_SIGN_INS = 10
const WINDOW_SECONDS = 60

export interface OperatorsOptions {
  /** The settings that serve now. */
  readonly settings: () => Settings
  /** Where the port listens, as a URL. */
  readonly origin: () => string
  readonly record: (event: AuditEvent) => void
  readonly addressOf: (context: AdminContext) => string
  /** The authorization server of this gateway, where it has one. */
  readonly ownServer: OwnServerNow
}

export interface Operators {
  /** Undefined for nobody. */
  find(context: AdminContext): MaybeAsync<FoundOperator | TooManyTries | undefined>
  /** Whether the file names nobody who may use the port. */
  isOpen(): boolean
  /** The way into the console. */
  readonly doors: readonly OpenPage[]
  /** A link that opens the console once, for whoever sits at the terminal. */
  link(): string
}

export function createOperators(options: OperatorsOptions): Operators {
  const { settings } = options
  const credentials = () => settings().admin
  const origin = () => credentials().publicUrl ?? options.origin()
  const findToken = createTokenOperators(credentials)
  const failures = createRateLimit({ count: MAX_FAILED_SIGN_INS, seconds: WINDOW_SECONDS })
  const findShown = createShownTokens({ findToken, failures })
  const sessions = createOperatorSessions()
  const words = createEntryWords()
  const given = createGiven(settings)
  const cookie = createConsoleCookie(origin)
  const doors = createDoors({
    ...{
      record: options.record,
      addressOf: options.addressOf,
      origin,
      findToken,
      failures,
      sessions,
      words,
      given,
      cookie,
      ownServer: options.ownServer,
    },
    branding: () => brandingOf(settings()),
    settings,
  })
  /** Nothing sends a token by itself, so a page of somebody else cannot make a browser do it. */
  const findByToken = (authorization: string, context: AdminContext) => {
    if (isOpen(credentials())) return undefined
    const shown = findShown(authorization, networkOf(options.addressOf(context)))
    if (shown === undefined || 'waitSeconds' in shown) return shown
    return { operator: shown, formToken: '', now: () => findToken(authorization), isMeant: () => true }
  }
  const isStillIn = createIsStillIn(settings, options.ownServer)
  const findBySession = async (context: AdminContext): Promise<FoundOperator | undefined> => {
    const id = cookie.read(context)
    const session = id === undefined ? undefined : sessions.find(id, given(), true)
    if (id === undefined || session === undefined || !(await isStillIn(session))) return undefined
    const isIn = createLastingLook(isStillIn, session)
    return {
      operator: session.operator,
      formToken: session.formToken,
      now: async () => ((await isIn()) ? sessions.find(id, given(), false)?.operator : undefined),
      isMeant: async () => isSameOrigin(context, origin()) && (await hasWord(context, session.formToken)),
    }
  }
  return {
    find(context) {
      const { authorization } = context.env.incoming.headers
      if (authorization !== undefined) return findByToken(authorization, context)
      if (!isConsolePath(context.req.path) || !isOwnHost(context, origin())) return undefined
      return findBySession(context)
    },
    isOpen: () => isOpen(credentials()),
    doors,
    link: () => `${origin()}${ENTER_PATH}?word=${words.make()}`,
  }
}

/** The name and the host; no picture has to be read for them. */
function brandingOf({ branding, publicUrl }: Settings): Branding {
  return { name: branding?.name, host: new URL(publicUrl).host }
}

function isOpen({ token, tokens, people }: OperatorSettings): boolean {
  return token === undefined && tokens.length === 0 && people === undefined
}

/** What gives operators their rights, in one word: another after a reload that changed any of it. */
function createGiven(settings: () => Settings): () => string {
  let [read, word]: [Settings | undefined, string] = [undefined, '']
  return () => {
    const now = settings()
    if (now !== read) [read, word] = [now, digestOf(now)]
    return word
  }
}

/** With the issuer: the same subject at another one is somebody else. */
function digestOf({ admin: { token, tokens, people }, issuers }: Settings): string {
  return digestOfParts([token, tokens, people, people && issuers.get(people.issuer)])
}
