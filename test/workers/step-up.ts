// The official client of generation 1 (SDK 1.32.2), signed in with a refresh token: refused a call for want of a scope, it
// refreshes at once, and asks its person only where the answer says so.
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { DemoLogin } from '../../src/cli/demo/login.ts'
import type { DemoPerson } from '../../src/cli/demo/person.ts'
import { type DemoSession, openDemoSession } from '../../src/cli/demo/session.ts'
import type { Fetch } from '../../src/cli/demo/wire.ts'

export interface StepUpOptions {
  readonly url: string
  readonly person: DemoPerson
  readonly fetch: Fetch
  /** Done before each request to the token endpoint. */
  readonly beforeToken?: () => Promise<void>
}

export interface StepUpClient {
  readonly session: DemoSession
  /** Statuses of the token endpoint since the last time. */
  tokenAnswers(): readonly number[]
}

export async function openStepUp(options: StepUpOptions): Promise<StepUpClient> {
  const { url, person, fetch, beforeToken = async () => undefined } = options
  let answers: number[] = []
  const watched: Fetch = async (to, init) => {
    if (!String(to).endsWith('/token')) return fetch(to, init)
    await beforeToken()
    const answer = await fetch(to, init)
    answers.push(answer.status)
    return answer
  }
  const grantTypes = ['authorization_code', 'refresh_token']
  const login = new DemoLogin({ clientName: 'SDK 1', grantTypes, browse: person.browse })
  const session = await openDemoSession(openV1, url, login, { fetch: watched, take: () => [] })
  await session.signIn()
  answers = []
  return {
    session,
    tokenAnswers() {
      const taken = answers
      answers = []
      return taken
    },
  }
}
