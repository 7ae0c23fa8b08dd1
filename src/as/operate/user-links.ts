// Links for people who have no way in: somebody new, or somebody who lost theirs. The page of the link is for whoever has it; what
// they had counts until it is used.
import { randomBytes } from 'node:crypto'
import { RESET_SECONDS } from '../store/resets.ts'
import type { Repositories, Store } from '../store/store.ts'
import { localName } from '../store/users.ts'
import type { ReportEvent } from './report-event.ts'

const TOKEN_BYTES = 32

/** The link is `/account/reset?token=` and the token. */
export type UserLink =
  | { readonly ok: true; readonly token: string /** Epoch milliseconds. */; readonly goneAt: number }
  | { readonly ok: false; readonly problem: string }

export interface UserLinks {
  /** Somebody new, who gives themselves a password or a passkey. */
  invite(name: string): Promise<UserLink>
  /** Ends every sign-in of the person in a browser, and takes the place of an earlier link. */
  reset(name: string): Promise<UserLink>
}

export function createUserLinks({
  store,
  tell,
}: {
  readonly store: Store
  readonly tell: ReportEvent
}): UserLinks {
  const start = async (within: Repositories, subject: string): Promise<UserLink> => {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const goneAt = store.clock.now() + RESET_SECONDS * 1_000
    await within.resets.start(subject, token, goneAt)
    await tell(within, { event: 'user_reset', subject, detail: 'a link was made' })
    return { ok: true, token, goneAt }
  }
  return {
    async invite(name) {
      const subject = localName(name)
      if (subject === undefined) return refused(NOT_A_NAME)
      return store.transaction(async (within) => {
        if (!(await within.users.add(subject, undefined)))
          return refused(`there is a user ${subject} already`)
        await tell(within, { event: 'user_added', subject })
        return start(within, subject)
      })
    },
    reset: (name) =>
      store.transaction(async (within) => {
        const subject = localName(name) ?? name
        const person = await within.users.find(subject)
        if (person === undefined) return refused(`there is no user ${name}`)
        if (person.provider !== undefined)
          return refused(`${subject} signs in at ${person.provider}, and gets in again there`)
        if (person.disabled)
          return refused(`${subject} is disabled; let them in with: portcullis users enable ${subject}`)
        await within.users.endSessions(subject)
        return start(within, subject)
      }),
  }
}

export const NOT_A_NAME =
  'a name has 1 to 64 letters, digits and . _ @ + -, and begins with a letter or digit'

function refused(problem: string): UserLink {
  return { ok: false, problem }
}
