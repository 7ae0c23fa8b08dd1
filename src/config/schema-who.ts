// The shape of `who` and `approvers`: whom a rule is about, and who approves what it holds back; and of `who` for people
// on the administration port. Compared by policy/who.ts.
import { z } from 'zod'
import type { ApproverSettings } from '../core/settings-approvals.ts'
import type { WhoSettings } from '../core/settings-who.ts'
import { name } from './scalars.ts'

const words = z.array(z.string().min(1).max(1024)).min(1)
const people = {
  subjects: words
    .describe('Subjects of tokens, exactly; add `issuers` where several are trusted.')
    .optional(),
  roles: words.describe('Roles, as the issuer’s `claims.roles` finds them.').optional(),
  issuers: z.array(name).min(1).describe('Names from `issuers`.').optional(),
  groups: z
    .strictObject({
      claim: z.string().min(1).max(256).describe('Where the groups are: a claim, or a path with dots.'),
      any: words.describe('Groups, exactly; one of them is enough.'),
    })
    .describe('Membership that a claim of the token tells.')
    .optional(),
}
const namesSomebody = (raw: object) => Object.keys(raw).length > 0

export const who = z
  .strictObject({ ...people, clients: words.describe('Client ids, exactly.').optional() })
  .refine(namesSomebody, 'name at least one of subjects, clients, roles, issuers, groups')
  .transform(
    (raw): WhoSettings => ({
      subjects: raw.subjects,
      clients: raw.clients,
      roles: raw.roles,
      issuers: raw.issuers,
      groups: raw.groups,
    }),
  )

/** Of who decides, only issuer and subject are known: a webhook says no more, and a token says nothing. */
export const approvers = z
  .strictObject({
    subjects: people.subjects,
    issuers: people.issuers,
    tokens: z
      .array(name)
      .min(1)
      .describe(
        'Names from `admin.tokens`: whoever holds one may approve too. Nobody can tell who that is, so give it to nobody who calls.',
      )
      .optional(),
  })
  .refine(namesSomebody, 'name at least one of subjects, issuers, tokens')
  .transform(
    (raw): ApproverSettings => ({
      ...{ subjects: raw.subjects, issuers: raw.issuers, tokens: raw.tokens },
      ...{ clients: undefined, roles: undefined, groups: undefined },
    }),
  )

/** Of somebody who signs in: issuer and client are known before. */
export const person = z
  .strictObject({
    subjects: words.describe('Subjects, exactly.').optional(),
    roles: people.roles,
    groups: people.groups,
  })
  .refine(namesSomebody, 'name at least one of subjects, roles, groups')
  .transform(
    (raw): WhoSettings => ({
      ...{ subjects: raw.subjects, roles: raw.roles, groups: raw.groups },
      ...{ clients: undefined, issuers: undefined },
    }),
  )
