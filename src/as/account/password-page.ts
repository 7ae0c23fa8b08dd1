// `/account/password`: a person with a password here gives themselves another one.

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
  type OwnPage,
  type OwnPageParts,
  type ServedPaths,
  STAY_SECONDS,
  signInPaths,
  takeForm,
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

/** Whether there is a password that could be changed. */
export function passwordOffered({ settings }: OwnPageParts, person: Person): boolean {
  return settings.signIn.passwords && person.hasPassword
}

async function show(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const visitor = await visitorOf(parts, page, PASSWORD)
  if (visitor === undefined) return askSignIn(parts, page, PASSWORD)
  if (!passwordOffered(parts, visitor.person)) return writePage(page, seeOther('/account'))
  showForm(parts, page, visitor.person)
}

function showForm(parts: OwnPageParts, page: PageRequest, { name }: Person, refused?: RefusedForm): void {
  const { form, cookies } = parts.forms.target(page.request, CHANGE)
  writePage(page, passwordPage({ person: name, form, minChars: MIN_PASSWORD_CHARS, ...refused }), cookies)
}

async function change(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, PASSWORD)
  if (sent === undefined) return
  const { person, fields } = sent
  if (!passwordOffered(parts, person)) return writePage(page, seeOther('/account'))
  const problem = newPasswordProblem(fields)
  if (problem !== undefined) return showForm(parts, page, person, { problem, status: 400 })
  const { subject } = person
  const { engine } = parts
  const about = { actor: subject, subject, address: page.address }
  const changed = await changePassword(
    { ...parts, store: engine.store },
    {
      ...{ page, subject, lifeSeconds: STAY_SECONDS },
      ...{ current: fields.get('current') ?? '', wanted: fields.get('new') ?? '' },
    },
  )
  if (changed.outcome !== 'changed') {
    engine.onEvent({ event: 'sign_in_refused', ...about, detail: `change of password: ${changed.outcome}` })
    return showForm(parts, page, person, passwordRefusal(changed, 'currentWrong', 'current'))
  }
  engine.onEvent({ event: 'password_changed', ...about })
  writePage(page, seeOther(PASSWORD_CHANGED), [changed.login.cookie])
}
