// `/account/password`: a person with an account here gives themselves another password, or one beside their passkeys.

import { seeOther } from '../pages/page.ts'
import { passwordPage } from '../pages/password.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { changePassword } from '../sign-in/change-password.ts'
import { passwordRefusal, type RefusedForm } from '../sign-in/password-refusal.ts'
import { MIN_PASSWORD_CHARS } from '../sign-in/passwords.ts'
import type { Person } from '../store/users.ts'
import { newPasswordProblem } from './new-password.ts'
import {
  askSignIn,
  FRESH_SECONDS,
  type OwnPage,
  type OwnPageParts,
  type ServedPaths,
  STAY_SECONDS,
  signInPaths,
  takeForm,
  type Visitor,
  visitorOf,
} from './own-page.ts'

export const PASSWORD: OwnPage = { path: '/account/password', freshSeconds: STAY_SECONDS }
const CHANGE = '/account/password/change'
export const PASSWORD_CHANGED = '/account/password-changed'

export const PASSWORD_PATHS: ServedPaths = [
  [PASSWORD.path, { get: show }],
  [CHANGE, { post: change }],
  ...signInPaths(PASSWORD),
]

/** Whether the person may have a password here: to change, or to set where they have only passkeys. */
export function passwordOffered({ settings, passkeys }: OwnPageParts, person: Person): boolean {
  const { passwords } = settings.signIn
  return passwords && person.provider === undefined && (person.hasPassword || passkeys !== undefined)
}

async function show(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const visitor = await visitorOf(parts, page, PASSWORD)
  if (visitor === undefined) return askSignIn(parts, page, PASSWORD)
  if (!passwordOffered(parts, visitor.person)) return writePage(page, seeOther('/account'))
  if (!mayGoOn(parts, visitor)) return askSignIn(parts, page, PASSWORD)
  showForm(parts, page, visitor.person)
}

/** Whoever has no password to show has just signed in. */
function mayGoOn({ engine }: OwnPageParts, { person, session }: Visitor): boolean {
  return person.hasPassword || session.provedAt + FRESH_SECONDS * 1_000 > engine.store.clock.now()
}

function showForm(parts: OwnPageParts, page: PageRequest, person: Person, refused?: RefusedForm): void {
  const { form, cookies } = parts.forms.target(page.request, CHANGE)
  const { name, hasPassword } = person
  const shown = passwordPage({ person: name, hasPassword, form, minChars: MIN_PASSWORD_CHARS, ...refused })
  writePage(page, shown, cookies)
}

async function change(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, PASSWORD)
  if (sent === undefined) return
  const { person, fields } = sent
  if (!passwordOffered(parts, person)) return writePage(page, seeOther('/account'))
  if (!mayGoOn(parts, sent)) return askSignIn(parts, page, PASSWORD)
  const problem = newPasswordProblem(fields)
  if (problem !== undefined) return showForm(parts, page, person, { problem, status: 400 })
  const { subject } = person
  const { engine } = parts
  const about = { actor: subject, subject, address: page.address }
  const changed = await changePassword(
    { ...parts, store: engine.store },
    {
      ...{ page, subject, lifeSeconds: STAY_SECONDS },
      current: person.hasPassword ? (fields.get('current') ?? '') : undefined,
      wanted: fields.get('new') ?? '',
    },
  )
  if (changed.outcome !== 'changed') {
    const reason = changed.outcome === 'locked' ? { reason: 'too_many' } : {}
    const detail = `change of password: ${changed.outcome}`
    engine.onEvent({ event: 'sign_in_refused', ...about, ...reason, detail })
    return showForm(parts, page, person, passwordRefusal(changed, 'currentWrong', 'current'))
  }
  engine.onEvent({ event: 'password_changed', ...about })
  writePage(page, seeOther(PASSWORD_CHANGED), [changed.login.cookie])
}
