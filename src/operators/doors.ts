// The paths that lead into the console, and out of it. What answers is loaded with the first request to one of them, so
// that a gateway that nobody looks at starts as fast without it.

import { CALLBACK_PATH, ENTER_PATH, PEOPLE_PATH, SIGN_IN_PATH, SIGN_OUT_PATH } from '../core/console-paths.ts'
import type { OpenPage } from '../http/admin-page.ts'
import type { DoorAnswers, DoorParts } from './door-answers.ts'

const DOORS: readonly (readonly [method: OpenPage['method'], path: string, name: keyof DoorAnswers])[] = [
  ['GET', SIGN_IN_PATH, 'showSignIn'],
  ['POST', SIGN_IN_PATH, 'takeToken'],
  ['GET', ENTER_PATH, 'showEnter'],
  ['POST', ENTER_PATH, 'takeWord'],
  ['GET', PEOPLE_PATH, 'toIssuer'],
  ['GET', CALLBACK_PATH, 'fromIssuer'],
  ['POST', SIGN_OUT_PATH, 'signOut'],
]

export function createDoors(parts: DoorParts): readonly OpenPage[] {
  let loaded: Promise<DoorAnswers> | undefined
  const answers = () => {
    loaded ??= import('./door-answers.ts').then(({ createDoorAnswers }) => createDoorAnswers(parts))
    return loaded
  }
  return DOORS.map(([method, path, name]) => ({
    ...{ method, path },
    answer: async (context) => (await answers())[name](context),
  }))
}
