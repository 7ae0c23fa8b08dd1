// The pages that the protocol engine has to show by itself, in the shape that it asks for them.
import type { DeviceRequest, PeopleHtml } from '../people.ts'
import { deviceConfirmPage, deviceDonePage, deviceEntryPage } from './device.ts'
import { engineSignOutPage, errorPage, signedOutPage } from './notices.ts'
import { clientName, type FormProblem } from './parts.ts'

const DEVICE_PROBLEMS: Readonly<Record<'wrong' | 'aborted' | 'failed', FormProblem>> = {
  wrong: { text: 'This code is not known here, or it is over. Look at the device and type it again.' },
  aborted: { text: 'You stopped. Nothing was connected.' },
  failed: { text: 'This did not work. Try again.' },
}

/** RFC 6749 §4.1.2.1 and what clients really get wrong, in words for a person; the code is for whoever helps them. */
const ERRORS: Readonly<Record<string, string>> = {
  invalid_client:
    'The application that sent you here is not known, or no longer. Remove the connection there and add it again.',
  invalid_redirect_uri: 'The application asked to send you to an address that it did not register.',
  invalid_request: 'The application that sent you here asked in a way that cannot be answered.',
  login_required:
    'The application wants to know who you are without asking you, and you are not signed in here.',
  consent_required: 'The application wants access without asking you.',
  interaction_required: 'The application wants access without asking you.',
  temporarily_unavailable: 'This cannot be done right now. Wait a moment.',
  session_not_found: 'This request is over, or it was begun in another browser.',
}

export function enginePages(words: (scope: string) => string): PeopleHtml {
  return {
    error: ({ error }) =>
      errorPage(400, ERRORS[error] ?? `This request cannot be answered (${shownCode(error)}).`),
    tooMany: () => errorPage(429, 'This was tried too often from here. Wait a few minutes.'),
    deviceInput: (form, problem, linked) =>
      deviceEntryPage(form, linked, problem && DEVICE_PROBLEMS[problem]),
    deviceConfirm: (form, device) => deviceConfirmPage(confirmParts(form, device, words)),
    deviceDone: (name) => deviceDonePage(clientName({ id: '', name, redirectUri: undefined })),
    signOut: (form) => engineSignOutPage(form),
    signedOut: () => signedOutPage(),
  }
}

function confirmParts(form: string, device: DeviceRequest, words: (scope: string) => string) {
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
function shownCode(error: string): string {
  return /^[a-z_]{1,64}$/.test(error) ? error : 'error'
}
