// The sign-in desk: shows the sign-in page and takes its form, for whoever needs to know who somebody is (a client's
// authorization, the account page). Says how it ended; what follows is the caller's business.
import type { SignInSettings } from '../../core/settings-as.ts'
import type { Forms } from '../browser/forms.ts'
import type { SealedCookie } from '../browser/sealed-cookie.ts'
import type { OnEvent } from '../events.ts'
import { errorPage, waitPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { ClientShown, Problem } from '../pages/parts.ts'
import { signInPage } from '../pages/sign-in.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { type Another, problemOf } from './another.ts'
import { type Beginnings, TOO_MANY } from './beginnings.ts'
import { type LocalParts, type LocalSignIn, signInLocally } from './local.ts'
import type { Outside } from './outside.ts'

/** Who needs to know, and where the page of theirs is. */
export interface Visit {
  /** Path that the form posts to. */
  readonly action: string
  /** Path to come back to from an outside provider; it must ask `arrived`. */
  readonly back: string
  readonly client: ClientShown | undefined
  /** The person must prove themselves again. */
  readonly fresh: boolean
}

/** `answered`: a page or redirect was sent. */
export type Ending =
  | { readonly kind: 'in'; readonly subject: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'answered' }

export interface Desk {
  show(page: PageRequest, visit: Visit): void
  take(page: PageRequest, visit: Visit): Promise<Ending>
}

export interface DeskParts {
  readonly settings: SignInSettings
  readonly local: LocalParts
  readonly outside: Outside
  /** At outside providers, by network. */
  readonly beginnings: Beginnings
  readonly another: SealedCookie<Another>
  readonly forms: Forms
  readonly onEvent: OnEvent
}

const MAX_TYPED_CHARS = 128
const ANSWERED: Ending = { kind: 'answered' }
const WRONG: Problem = { text: 'This name and password do not belong together.', field: 'name' }

export function createDesk(parts: DeskParts): Desk {
  const { settings, forms } = parts
  return {
    show: (page, visit) => show(parts, page, visit),
    async take(page, visit) {
      const fields = forms.read(page.request, page.body, visit.action)
      if (fields === undefined) {
        writePage(page.response, errorPage(403, FOREIGN_FORM))
        return ANSWERED
      }
      const way = fields.get('with')
      if (way === 'nothing' && visit.client !== undefined) return { kind: 'refused' }
      if (way === 'provider') return await takeProvider(parts, page, visit, fields.get('provider') ?? '')
      if (way === 'password' && settings.passwords) return await takePassword(parts, page, visit, fields)
      writePage(page.response, errorPage(400, 'This way of signing in is not offered here.'))
      return ANSWERED
    },
  }
}

interface Again {
  readonly typed: string
  readonly problem: Problem
  readonly status: number
}

function show(parts: DeskParts, page: PageRequest, visit: Visit, again?: Again): void {
  const { form, cookies } = parts.forms.target(page.request, visit.action)
  const another = anotherOf(parts, page, visit)
  const shown = signInPage({
    client: visit.client,
    form,
    passwords: parts.settings.passwords,
    providers: parts.outside.providers,
    typed: again?.typed ?? '',
    problem: again?.problem ?? (another && problemOf(another)),
    status: again?.status ?? 200,
    canRefuse: visit.client !== undefined,
  })
  writePage(page.response, shown, cookies)
}

async function takePassword(
  parts: DeskParts,
  page: PageRequest,
  visit: Visit,
  fields: URLSearchParams,
): Promise<Ending> {
  const { address } = page
  const name = fields.get('name') ?? ''
  const attempt = { name, password: fields.get('password') ?? '', address }
  const result = await signInLocally(parts.local, attempt)
  if (result.outcome === 'in') {
    const { subject } = result
    parts.onEvent({ event: 'sign_in', actor: subject, subject, address, ...clientOf(visit) })
    return { kind: 'in', subject }
  }
  // What was typed as a name may be a password: it is not recorded.
  const about = { actor: 'unknown', address, detail: result.outcome, ...clientOf(visit) }
  parts.onEvent({ event: 'sign_in_refused', ...about })
  const { status, problem } = refusalOf(result)
  show(parts, page, visit, { typed: name.slice(0, MAX_TYPED_CHARS), problem, status })
  return ANSWERED
}

async function takeProvider(
  parts: DeskParts,
  page: PageRequest,
  visit: Visit,
  provider: string,
): Promise<Ending> {
  const tooMany = parts.beginnings.take(page.address)
  if (tooMany !== undefined) {
    const refused = {
      event: 'sign_in_refused',
      actor: 'unknown',
      address: page.address,
      detail: TOO_MANY,
    } as const
    if (tooMany.isNews) parts.onEvent(refused)
    writePage(page.response, waitPage(tooMany.waitSeconds))
    return ANSWERED
  }
  const isAnother = anotherOf(parts, page, visit) !== undefined
  const prompt = visit.fresh ? 'login' : isAnother ? 'select_account' : undefined
  const departure = await parts.outside.depart(provider, visit.back, prompt)
  if (departure.ok) {
    writePage(page.response, seeOther(departure.value.location), [departure.value.cookie])
    return ANSWERED
  }
  const detail = departure.detail
  parts.onEvent({ event: 'sign_in_refused', actor: 'unknown', address: page.address, detail })
  show(parts, page, visit, { typed: '', problem: SILENT, status: 502 })
  return ANSWERED
}

function anotherOf({ another }: DeskParts, { request }: PageRequest, visit: Visit): Another | undefined {
  const kept = another.read(request)
  return kept?.back === undefined || kept.back === visit.back ? kept : undefined
}

export const FOREIGN_FORM = 'This form was not sent from the page it belongs to, or the page is too old.'
const BUSY: Problem = { text: 'Too many people are signing in right now. Try again in a moment.' }
const SILENT: Problem = { text: 'The provider does not answer as it should. Try again, or another way.' }

function refusalOf(result: Exclude<LocalSignIn, { readonly outcome: 'in' }>): Omit<Again, 'typed'> {
  switch (result.outcome) {
    case 'wrong':
      return { problem: WRONG, status: 401 }
    case 'busy':
      return { problem: BUSY, status: 503 }
    case 'locked':
      return { problem: lockedProblem(result.waitMs), status: 429 }
  }
}

function lockedProblem(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000)
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return { text: `Too many tries. Wait ${wait}, then try again.`, field: 'name' }
}

function clientOf({ client }: Visit) {
  return client === undefined ? {} : { client: client.id }
}
