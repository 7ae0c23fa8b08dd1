// The pages that the protocol engine has to show by itself, in the shape that it asks for them.
import type { Branding } from '../../core/branding.ts'
import type { DeviceRequest, PageFor, PeopleHtml } from '../people.ts'
import { deviceConfirmPage, deviceDonePage, deviceEntryPage } from './device.ts'
import { engineSignOutPage, errorPage, signedOutPage } from './notices.ts'
import type { Page } from './page.ts'
import type { FormProblem } from './parts.ts'
import type { PlainTextKey, Sentence } from './texts/locale.ts'
import { viewOf } from './write.ts'

const DEVICE_PROBLEMS: Readonly<Record<'wrong' | 'aborted' | 'failed', FormProblem>> = {
  wrong: { text: 'codeWrong' },
  aborted: { text: 'codeStopped' },
  failed: { text: 'codeFailed' },
}

/** RFC 6749 §4.1.2.1 and what clients really get wrong, in words for a person; the code is for whoever helps them. */
const ERRORS: Readonly<Record<string, PlainTextKey>> = {
  invalid_client: 'unknownClient',
  invalid_redirect_uri: 'unregisteredAddress',
  invalid_request: 'cannotBeAnswered',
  login_required: 'silentSignIn',
  consent_required: 'silentAccess',
  interaction_required: 'silentAccess',
  temporarily_unavailable: 'notNow',
  session_not_found: 'requestOver',
}

/** @param words what a scope is called */
export function enginePages(branding: Branding, words: (scope: string) => Sentence): PeopleHtml {
  const shown =
    (page: Page): PageFor =>
    (response) =>
      page(viewOf(response, branding))
  return {
    error: ({ error }) => shown(errorPage(400, ERRORS[error] ?? unknownError(error))),
    tooMany: () => shown(errorPage(429, 'tooOften')),
    deviceInput: (form, problem, linked) =>
      shown(deviceEntryPage(form, linked, problem && DEVICE_PROBLEMS[problem])),
    deviceConfirm: (form, device) => shown(deviceConfirmPage(confirmParts(form, device, words))),
    deviceDone: (name) => shown(deviceDonePage(name)),
    signOut: (form) => shown(engineSignOutPage(form)),
    signedOut: () => shown(signedOutPage),
  }
}

function confirmParts(form: string, device: DeviceRequest, words: (scope: string) => Sentence) {
  const { clientId, clientName: name, userCode, address, scopes } = device
  return {
    form,
    client: { id: clientId, name, redirectUri: undefined },
    userCode,
    address,
    scopes: scopes.map(words),
  }
}

/** Codes of the specifications are such words; anything else is not repeated (G3). */
function unknownError(error: string): Sentence {
  const code = /^[a-z_]{1,64}$/.test(error) ? error : 'error'
  return (locale) => locale.text('errorCode', { code })
}
