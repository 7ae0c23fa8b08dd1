// People who connect one program after the other. A code whose answer was lost is shown once more, as clients do.
import { setTimeout as pause } from 'node:timers/promises'
import { askForCode, type Code, redeem, tokensOf } from '../people.ts'
import type { Stage } from '../stage.ts'
import { refusalOf, type Try, type Work } from './work.ts'

const PAUSE_MS = 250
const AGAIN_MS = 1_000

export interface SignedIn {
  readonly clientId: string
  /** Undefined where no answer came: then there is one grant at most. */
  readonly refreshToken: string | undefined
}

export async function keepSigningIn(
  stage: Stage,
  name: string,
  work: Work,
  signedIn: SignedIn[],
): Promise<void> {
  while (!work.over) {
    const fromMs = performance.now()
    const told = await signInOnce(stage, name, signedIn).catch(byPages)
    work.tries.push({ what: 'sign-in', fromMs, toMs: performance.now(), ...told })
    await pause(PAUSE_MS)
  }
}

async function signInOnce(
  stage: Stage,
  name: string,
  signedIn: SignedIn[],
): Promise<Pick<Try, 'came' | 'why'>> {
  const code: Code = await askForCode(stage, name)
  let answer = await redeem(stage, code)
  const isFirst = answer.status === 200 || answer.status === 400
  if (!isFirst) {
    await pause(AGAIN_MS)
    answer = await redeem(stage, code)
  }
  const given = tokensOf(answer)
  signedIn.push({ clientId: code.clientId, refreshToken: given?.refreshToken })
  if (given !== undefined) return { came: 'answered', why: '' }
  const isUsedUp = !isFirst && answer.status === 400
  return isUsedUp
    ? { came: 'refused', why: 'the code was used by the request that was cut' }
    : refusalOf(answer)
}

/** The pages, read as a browser does: an error page, or no page. */
function byPages(error: unknown): Pick<Try, 'came' | 'why'> {
  const why = String(error)
  return { came: /\((5\d\d)\)|: 5\d\d /.test(why) ? 'refused' : 'cut', why: why.slice(0, 200) }
}
