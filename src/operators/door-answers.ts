// The way into the console, and out of it: what answers before anybody is known. A token, or a word of the terminal,
// becomes a session. Each try is counted for its network before it is looked at.
import type { OwnServerNow } from '../as/browser/console-login.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Branding } from '../core/branding.ts'
import { CONSOLE_PATH, SIGN_IN_PATH } from '../core/console-paths.ts'
import { networkOf } from '../core/network.ts'
import { actorOf, type Operator } from '../core/operator.ts'
import type { Attempts } from '../core/route.ts'
import type { Settings } from '../core/settings.ts'
import type { AdminContext, OpenPage } from '../http/admin-page.ts'
import type { FindTokenOperator } from '../http/operator-tokens.ts'
import { createAttempts } from '../limits/attempts.ts'
import type { RateLimitInMemory } from '../limits/rates.ts'
import type { ConsoleCookie } from './console-cookie.ts'
import type { EntryWords } from './entry-words.ts'
import {
  answerWay,
  arrivedPage,
  consoleSignInPage,
  enterPage,
  refusedPage,
  tooManyPage,
  type WaysIn,
} from './pages.ts'
import { createPeopleSignIn, type Way } from './people-sign-in.ts'
import { formField, hasWord, isOwnHost, isSameOrigin } from './same-origin.ts'
import type { OperatorSessions } from './sessions.ts'

/** Whoever sits where the gateway was started. Not known as a person, so they may not approve. */
const AT_TERMINAL: Operator = { name: 'terminal', rights: new Set(['view', 'operate']) }

export interface DoorParts {
  /** Of the console, as browsers are told it. */
  readonly origin: () => string
  readonly branding: () => Branding
  readonly record: (event: AuditEvent) => void
  readonly addressOf: (context: AdminContext) => string
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly findToken: FindTokenOperator
  /** Tries that failed, of networks. */
  readonly failures: RateLimitInMemory
  readonly words: EntryWords
  readonly sessions: OperatorSessions
  /** What gives operators their rights by now. */
  readonly given: () => string
  readonly cookie: ConsoleCookie
  /** The authorization server of this gateway, where it has one. */
  readonly ownServer: OwnServerNow
}

type Answer = OpenPage['answer']

export interface DoorAnswers {
  readonly showSignIn: Answer
  readonly takeToken: Answer
  readonly showEnter: Answer
  readonly takeWord: Answer
  readonly toIssuer: Answer
  readonly fromIssuer: Answer
  readonly signOut: Answer
}

export function createDoorAnswers(parts: DoorParts): DoorAnswers {
  const { branding, findToken, words, settings } = parts
  const people = createPeopleSignIn(parts)
  const attempts = createAttempts(parts.failures)
  const read = (answer: Answer): Answer => onlyHere(parts, isOwnHost, answer)
  const change = (answer: Answer): Answer => read(onlyHere(parts, isSameOrigin, answer))
  return {
    showSignIn: read(() => answerWay(branding(), consoleSignInPage(waysIn(settings())))),
    showEnter: read((context) => answerWay(branding(), enterPage(context.req.query('word') ?? ''))),
    takeToken: change(async (context) => {
      const token = (await formField(context, 'token')) ?? ''
      return tryToEnter(parts, attempts, context, {
        prove: () => findToken(`Bearer ${token}`),
        refusal: 'There is no such token.',
        how: 'a token',
      })
    }),
    takeWord: change(async (context) => {
      const word = (await formField(context, 'word')) ?? ''
      return tryToEnter(parts, attempts, context, {
        prove: () => (words.spend(word) ? AT_TERMINAL : undefined),
        refusal: 'This link was used before, or is over. The gateway prints a new one when it is started.',
        how: 'the link of the terminal',
      })
    }),
    toIssuer: read(async (context) => answerPerson(parts, context, await people.begin(context))),
    fromIssuer: read(async (context) => answerPerson(parts, context, await people.finish(context))),
    signOut: change((context) => signOut(parts, context)),
  }
}

function onlyHere(
  { origin, branding }: DoorParts,
  isHere: (context: AdminContext, origin: string) => boolean,
  answer: Answer,
): Answer {
  return (context) =>
    isHere(context, origin())
      ? answer(context)
      : answerWay(branding(), refusedPage(403, 'The request did not come from a page of this console.'))
}

interface Try {
  readonly prove: () => Operator | undefined
  /** What the page says where it fails. */
  readonly refusal: string
  /** For the audit: with what. */
  readonly how: string
}

async function tryToEnter(
  parts: DoorParts,
  attempts: Attempts,
  context: AdminContext,
  { prove, refusal, how }: Try,
): Promise<Response> {
  const address = parts.addressOf(context)
  const network = networkOf(address)
  const wait = await attempts.begin(network)
  if (wait !== undefined) return answerWay(parts.branding(), tooManyPage(wait))
  const operator = prove()
  attempts.end(network, operator === undefined)
  if (operator === undefined) {
    parts.record({ event: 'operator_sign_in_refused', actor: 'unknown', address, detail: how })
    return answerWay(parts.branding(), refusedPage(403, refusal))
  }
  parts.record({ event: 'operator_sign_in', ...actorOf(operator), address, detail: how })
  return seeOther(CONSOLE_PATH, beginSession(parts, context, operator))
}

function waysIn({ admin: { token, tokens, people } }: Settings): WaysIn {
  return { tokens: token !== undefined || tokens.length > 0, people: people?.issuer }
}

function answerPerson(parts: DoorParts, context: AdminContext, way: Way): Response {
  const { branding, record, addressOf } = parts
  if (way.kind === 'page') return answerWay(branding(), way.page, way.cookies)
  if (way.kind === 'away') return seeOther(way.location, ...way.cookies)
  const { operator, cookies } = way
  const detail = `signed in at ${operator.issuer}`
  record({ event: 'operator_sign_in', ...actorOf(operator), address: addressOf(context), detail })
  const begun = beginSession(parts, context, operator)
  return answerWay(branding(), arrivedPage(operator.name), [...cookies, begun])
}

/** A new session with a new id (A46); the one that the browser had is over. @returns a Set-Cookie value */
function beginSession(
  { sessions, cookie, given }: DoorParts,
  context: AdminContext,
  operator: Operator,
): string {
  const before = cookie.read(context)
  if (before !== undefined) sessions.end(before)
  const { id, lifeSeconds } = sessions.begin(operator, given())
  return cookie.write(id, lifeSeconds)
}

async function signOut(parts: DoorParts, context: AdminContext): Promise<Response> {
  const { sessions, cookie, given, record, addressOf } = parts
  const id = cookie.read(context)
  const session = id === undefined ? undefined : sessions.find(id, given(), false)
  if (id === undefined || session === undefined) return seeOther(SIGN_IN_PATH, cookie.clear())
  if (!(await hasWord(context, session.formToken)))
    return answerWay(parts.branding(), refusedPage(403, 'The form was not of this session.'))
  sessions.end(id)
  record({ event: 'operator_signed_out', ...actorOf(session.operator), address: addressOf(context) })
  return seeOther(SIGN_IN_PATH, cookie.clear())
}

/** 303 only, so that no form travels on (RFC 9700 §4.12). */
function seeOther(location: string, ...cookies: readonly string[]): Response {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  const answer = new Response(null, { status: 303, headers })
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
  return answer
}
