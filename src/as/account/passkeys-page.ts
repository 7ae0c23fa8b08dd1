// `/account/passkeys`: the ways in which a person with an account here signs in. Each change needs a sign-in of the last
// minutes, and whoever has one way in keeps it.
import { seeOther } from '../pages/page.ts'
import type { FormProblem } from '../pages/parts.ts'
import { passkeysPage } from '../pages/passkeys.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { browserWords } from '../sign-in/browser-words.ts'
import { MAX_PASSKEY_NAME_CHARS, MAX_PASSKEYS, type PasskeyCeremonies } from '../sign-in/passkeys.ts'
import type { Repositories } from '../store/store.ts'
import type { Person } from '../store/users.ts'
import {
  askSignIn,
  FRESH_SECONDS,
  type OwnPage,
  type OwnPageParts,
  type ServedPaths,
  signInPaths,
  takeForm,
  visitorOf,
} from './own-page.ts'

export const PASSKEYS: OwnPage = { path: '/account/passkeys', freshSeconds: FRESH_SECONDS }
const ADD = '/account/passkeys/add'
const ADDED = '/account/passkeys/added'
const REMOVE = '/account/passkeys/remove'
const REMOVED = '/account/passkeys/removed'
const REMOVE_PASSWORD = '/account/passkeys/remove-password'
const PASSWORD_REMOVED = '/account/passkeys/password-removed'

export const PASSKEY_PATHS: ServedPaths = [
  [PASSKEYS.path, { get: show() }],
  [ADDED, { get: show('passkeyAdded') }],
  [REMOVED, { get: show('passkeyRemoved') }],
  [PASSWORD_REMOVED, { get: show('passwordRemoved') }],
  ...signInPaths(PASSKEYS),
  [ADD, { post: add }],
  [REMOVE, { post: remove }],
  [REMOVE_PASSWORD, { post: removePassword }],
]

/** The ceremonies, for somebody who may have a passkey here: whoever comes from elsewhere signs in there. */
export function passkeysFor({ passkeys }: OwnPageParts, person: Person): PasskeyCeremonies | undefined {
  return person.provider === undefined ? passkeys : undefined
}

/** @param done what was just done */
function show(done?: PlainTextKey) {
  return async (parts: OwnPageParts, page: PageRequest): Promise<void> => {
    const visitor = await visitorOf(parts, page, PASSKEYS)
    if (visitor === undefined) return askSignIn(parts, page, PASSKEYS)
    await showPage(parts, page, visitor.person, { done })
  }
}

interface Said {
  readonly done?: PlainTextKey | undefined
  readonly problem?: FormProblem
  readonly name?: string
  readonly status?: number
}

async function showPage(parts: OwnPageParts, page: PageRequest, person: Person, said: Said): Promise<void> {
  const ceremonies = passkeysFor(parts, person)
  if (ceremonies === undefined) return writePage(page, seeOther('/account'))
  const { store } = parts.engine
  const own = await ceremonies.usable(store, person.subject)
  const isFull = (await store.passkeys.of(person.subject)).length >= MAX_PASSKEYS
  const target = (action: string) => parts.forms.target(page.request, action).form
  const form = target(ADD)
  const name = said.name ?? browserWords(page.request.headers['user-agent'])
  const options = isFull ? '' : await ceremonies.creationOptions(person, form.token)
  const shown = passkeysPage({
    ...said,
    person: person.name,
    passkeys: own,
    hasPassword: hasPassword(parts, person),
    add: isFull ? undefined : { form, options, name },
    remove: target(REMOVE),
    removePassword: target(REMOVE_PASSWORD),
    maxNameChars: MAX_PASSKEY_NAME_CHARS,
  })
  writePage(page, shown, parts.forms.target(page.request, ADD).cookies)
}

function hasPassword({ settings }: OwnPageParts, person: Person | undefined): boolean {
  return settings.signIn.passwords && person?.hasPassword === true
}

async function add(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, PASSKEYS)
  const ceremonies = sent && passkeysFor(parts, sent.person)
  if (sent === undefined) return
  if (ceremonies === undefined) return writePage(page, seeOther('/account'))
  const { person, fields } = sent
  const { subject } = person
  const name = (fields.get('name') ?? '').trim().slice(0, MAX_PASSKEY_NAME_CHARS)
  const refuse = (problem: FormProblem) => showPage(parts, page, person, { problem, name, status: 400 })
  if (name === '') return await refuse({ text: 'passkeyNeedsName', field: 'name' })
  const proved = await ceremonies.proveNew(fields.get('csrf') ?? '', fields.get('passkey') ?? '')
  if (proved === undefined) return await refuse({ text: 'passkeyNotMade' })
  const kept = await parts.engine.store.transaction((within) =>
    proved.keep(within, { subject, name, beside: true }),
  )
  if (kept !== 'kept') return await refuse({ text: NOT_KEPT[kept] })
  tell(parts, page, subject, 'passkey_added')
  writePage(page, seeOther(ADDED))
}

const NOT_KEPT = {
  used: 'passkeyNotMade',
  known: 'passkeyKnown',
  many: 'passkeysFull',
} as const satisfies Readonly<Record<string, PlainTextKey>>

async function remove(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, PASSKEYS)
  if (sent === undefined) return
  const { person, fields } = sent
  const { subject } = person
  const id = fields.get('passkey') ?? ''
  const removed = await parts.engine.store.transaction(async (within) => {
    const known = await within.passkeys.find(id)
    if (known?.subject !== subject) return 'gone'
    const others = (await waysOf(parts, within, subject)).filter((way) => way !== id)
    if (others.length === 0) return 'last'
    await within.passkeys.remove(subject, id)
    return 'removed'
  })
  if (removed === 'last') return await refuseLast(parts, page, person)
  if (removed === 'removed') tell(parts, page, subject, 'passkey_removed')
  writePage(page, seeOther(REMOVED))
}

async function removePassword(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, PASSKEYS)
  if (sent === undefined) return
  const { person } = sent
  const { subject } = person
  const isRemoved = await parts.engine.store.transaction(async (within) => {
    const others = (await waysOf(parts, within, subject)).filter((way) => way !== BY_PASSWORD)
    return others.length > 0 && (await within.users.setPassword(subject, undefined))
  })
  if (!isRemoved) return await refuseLast(parts, page, person)
  tell(parts, page, subject, 'password_removed')
  writePage(page, seeOther(PASSWORD_REMOVED))
}

/** Stands beside ids of passkeys, none of which is empty. */
const BY_PASSWORD = ''

/** PK-07: the ways in that the person has at this moment: ids of passkeys, and the password. */
async function waysOf(
  parts: OwnPageParts,
  within: Repositories,
  subject: string,
): Promise<readonly string[]> {
  const passkeys = (await parts.passkeys?.usable(within, subject)) ?? []
  const password = hasPassword(parts, await within.users.find(subject)) ? [BY_PASSWORD] : []
  return [...password, ...passkeys.map(({ id }) => id)]
}

function refuseLast(parts: OwnPageParts, page: PageRequest, person: Person): Promise<void> {
  return showPage(parts, page, person, { problem: { text: 'lastWayIn' }, status: 400 })
}

function tell(
  { engine }: OwnPageParts,
  { address }: PageRequest,
  subject: string,
  event: 'passkey_added' | 'passkey_removed' | 'password_removed',
): void {
  engine.onEvent({ event, actor: subject, subject, address })
}
