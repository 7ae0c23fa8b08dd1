// `/account/reset`: the page that a link of an operator leads to. Whoever has the link is the person, once and for an hour: they
// get a new password or a passkey in place of all that they had, and sign in with it.
import { networkOf } from '../../core/network.ts'
import { errorPage, resetDonePage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { FormProblem } from '../pages/parts.ts'
import { resetPage } from '../pages/reset.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import type { ProvedPasskey } from '../sign-in/passkeys.ts'
import { MIN_PASSWORD_CHARS } from '../sign-in/passwords.ts'
import type { Repositories } from '../store/store.ts'
import type { Person } from '../store/users.ts'
import { newPasswordProblem } from './new-password.ts'
import type { OwnPageParts, ServedPaths } from './own-page.ts'

const RESET = '/account/reset'
const DONE = '/account/reset-done'

export const RESET_PATHS: ServedPaths = [
  [RESET, { get: show, post: take }],
  [DONE, { get: (_parts, page) => writePage(page, resetDonePage) }],
]

/** Whose link it is; undefined when it is over, was used, or its person may not come in. */
async function holderOf({ resets, users }: Repositories, token: string): Promise<Person | undefined> {
  const subject = token === '' ? undefined : await resets.find(token)
  const person = subject === undefined ? undefined : await users.find(subject)
  return person === undefined || person.disabled ? undefined : person
}

async function show(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const { searchParams } = new URL(page.request.url ?? '', parts.engine.issuer)
  const token = searchParams.get('token') ?? ''
  const person = await holderOf(parts.engine.store, token)
  if (person === undefined) return writePage(page, errorPage(400, 'linkOver'))
  await showForm(parts, page, { person, token })
}

interface Shown {
  readonly person: Person
  readonly token: string
  readonly problem?: FormProblem
  readonly status?: number
}

async function showForm(parts: OwnPageParts, page: PageRequest, shown: Shown): Promise<void> {
  const { passkeys, settings } = parts
  const { person } = shown
  const { form, cookies } = parts.forms.target(page.request, RESET)
  const written = resetPage({
    ...{ ...shown, person: person.name, username: person.subject, form },
    passwords: settings.signIn.passwords,
    options: await passkeys?.creationOptions(person, form.token),
    minChars: MIN_PASSWORD_CHARS,
  })
  writePage(page, written, cookies)
}

async function take(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const fields = parts.forms.read(page.request, page.body, RESET)
  if (fields === undefined) return writePage(page, errorPage(403, 'foreignForm'))
  const token = fields.get('token') ?? ''
  const person = await holderOf(parts.engine.store, token)
  if (person === undefined) return writePage(page, errorPage(400, 'linkOver'))
  const way = await wayOf(parts, page, fields)
  if ('problem' in way) return await showForm(parts, page, { person, token, ...way })
  await replaceWays(parts, page, token, way)
}

/** The one way in that the person will have. */
type Way = { readonly hash: string } | { readonly passkey: ProvedPasskey }
type Refused = Required<Pick<Shown, 'problem' | 'status'>>

async function wayOf(
  { settings, passkeys, passwords }: OwnPageParts,
  { address }: PageRequest,
  fields: URLSearchParams,
): Promise<Way | Refused> {
  if (fields.get('with') === 'passkey') {
    const passkey = await passkeys?.proveNew(fields.get('csrf') ?? '', fields.get('passkey') ?? '')
    return passkey === undefined ? { problem: { text: 'passkeyNotMade' }, status: 400 } : { passkey }
  }
  if (!settings.signIn.passwords) return { problem: { text: 'signInNotOffered' }, status: 400 }
  const problem = newPasswordProblem(fields)
  if (problem !== undefined) return { problem, status: 400 }
  const hash = await passwords.hash(fields.get('new') ?? '', networkOf(address))
  return hash === undefined ? { problem: { text: 'tooManySigningIn' }, status: 503 } : { hash }
}

/** All that they had goes with the link, in one step. */
async function replaceWays(parts: OwnPageParts, page: PageRequest, token: string, way: Way): Promise<void> {
  const { engine } = parts
  const subject = await engine.store.transaction(async (within) => {
    const person = await holderOf(within, token) // somebody may have been faster
    if (person === undefined || !(await replaceIn(within, person.subject, way))) return undefined
    await within.resets.end(person.subject)
    await within.users.endSessions(person.subject)
    return person.subject
  })
  if (subject === undefined) return writePage(page, errorPage(400, 'linkOver'))
  const detail = 'hash' in way ? 'a new password' : 'a passkey'
  engine.onEvent({ event: 'user_reset', actor: subject, subject, address: page.address, detail })
  writePage(page, seeOther(DONE))
}

/** False where nothing was changed. */
async function replaceIn(within: Repositories, subject: string, way: Way): Promise<boolean> {
  if ('hash' in way) {
    await within.passkeys.removeAll(subject)
    return await within.users.setPassword(subject, way.hash)
  }
  if ((await way.passkey.keep(within, { subject, name: FIRST_NAME, beside: false })) !== 'kept') return false
  return await within.users.setPassword(subject, undefined)
}

/** Of a passkey that nobody has named. */
const FIRST_NAME = 'Passkey'
