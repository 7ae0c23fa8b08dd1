// The changes that the pages of people offer. Each is made of what its page showed: what is another thing by now, or is
// gone, is shown anew. The record stands in the data with the change (as/operate/), and the gateway writes it into the audit.
import type { Operations } from '../as/operate/operator.ts'
import type { AdminPage } from '../http/admin-page.ts'
import { formFields } from './form.ts'
import { withOperations } from './operator-data.ts'
import { noteOf, redirectTo } from './page.ts'
import { showPeople } from './people-page.ts'
import { clientDigest, grantDigest, type PersonChange, personDigest, sessionDigest } from './people-parts.ts'
import { showPerson } from './person-page.ts'
import type { ConsoleSource } from './source.ts'

/** What a form asks for. */
interface AskedChange {
  readonly id: string
  readonly subject: string
}

interface Change {
  /** The digest of what it would change, as it is now; undefined when it is gone. */
  now(data: Operations, asked: AskedChange): Promise<string | undefined>
  make(data: Operations, asked: AskedChange): Promise<unknown>
}

const personNow: Change['now'] = async ({ users }, { id }) => {
  const person = (await users.list()).find(({ subject }) => subject === id)
  return person && personDigest(person)
}

const CHANGES: Readonly<Record<PersonChange, Change>> = {
  disable: { now: personNow, make: ({ users }, { id }) => users.disable(id) },
  enable: { now: personNow, make: ({ users }, { id }) => users.enable(id) },
  sign_out: { now: personNow, make: ({ users }, { id }) => users.signOut(id) },
  end_session: {
    async now({ sessions }, { subject, id }) {
      const session = (await sessions.list(subject)).find((one) => one.id === id)
      return session && sessionDigest(session)
    },
    make: ({ sessions }, { subject, id }) => sessions.end(subject, id),
  },
  revoke_grant: {
    async now({ grants }, { id }) {
      const [grant] = await grants.list({ id })
      return grant && grantDigest(grant)
    },
    make: ({ grants }, { id }) => grants.revoke({ id }),
  },
  remove_client: {
    async now({ clients }, { id }) {
      const client = await clients.find(id)
      return client && clientDigest(client)
    },
    make: ({ clients }, { id }) => clients.remove(id),
  },
}

const CHANGED_MEANWHILE =
  'Nothing was changed: it has changed since the page was shown. This is how it is now.'

export const changePerson =
  (source: ConsoleSource): AdminPage['answer'] =>
  async (context, visit) => {
    const form = await formFields(context)
    const field = (name: string) => form.get(name) ?? ''
    const change = new Map(Object.entries(CHANGES)).get(field('change'))
    const asked: AskedChange = { id: field('id'), subject: field('subject') }
    const isMade = await withOperations(source.settings(), visit, async (data) => {
      if (change === undefined || (await change.now(data, asked)) !== field('shown')) return false
      await change.make(data, asked)
      return true
    })
    const { subject } = asked
    if (isMade === true) return redirectTo(context, `${pathOf(subject)}done=${field('change')}`)
    const shown = { note: noteOf('warn', CHANGED_MEANWHILE), status: 409 } as const
    return subject === ''
      ? showPeople(source, context, visit, shown)
      : showPerson(source, context, visit, { ...shown, subject })
  }

function pathOf(subject: string): string {
  return subject === ''
    ? '/console/people?'
    : `/console/people/person?subject=${encodeURIComponent(subject)}&`
}
