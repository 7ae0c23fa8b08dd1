// The shape of one entry of `routes[].tests`: who calls, what, and what should come of it. Whether it holds is for
// `portcullis check` to find out.
import { z } from 'zod'
import type { PolicyTest, TestCall, TestCaller } from '../core/settings-test.ts'
import { name, scope, scopeList, text } from './scalars.ts'

const who = z
  .strictObject({
    subject: text.describe('The subject of the token.').prefault('somebody'),
    client: text.describe('Its client id. Absent: none.').optional(),
    issuer: name.describe('A name from `issuers`. Absent: the first of the route.').optional(),
    scopes: z.array(scope).describe('Scopes that it carries.').prefault([]),
    roles: z.array(text).describe('Roles that it carries.').prefault([]),
    claims: z.record(z.string(), z.unknown()).describe('Other claims, such as groups.').prefault({}),
  })
  .transform(
    (raw): TestCaller => ({
      subject: raw.subject,
      client: raw.client,
      issuer: raw.issuer,
      scopes: raw.scopes,
      roles: raw.roles,
      claims: raw.claims,
    }),
  )

const call = z
  .strictObject({
    method: text.describe('A JSON-RPC method.').prefault('tools/call'),
    target: text.describe('The tool, prompt or URI that it names.').optional(),
    args: z.record(z.string(), z.unknown()).describe('Its arguments. Absent: none.').optional(),
    at: z.iso
      .datetime({ offset: true, error: 'expected a time in quotes, such as "2026-12-31T09:00:00Z"' })
      .describe('When it is made, for conditions on `now`. Absent: at the time of the check.')
      .optional(),
  })
  .transform(
    (raw): TestCall => ({
      method: raw.method,
      target: raw.target,
      args: raw.args,
      at: raw.at === undefined ? undefined : Date.parse(raw.at),
    }),
  )

const expectation = z.union([
  z.enum(['allowed', 'refused', 'approval']),
  z
    .strictObject({ scope: scopeList.describe('The scopes that the challenge asks for, all of them.') })
    .transform((raw) => ({ scope: [...raw.scope].sort() })),
])

export const policyTest = z
  .strictObject({
    name: z.string().min(1).max(200).describe('For the report. Absent: `tests[3]`, by position.').optional(),
    who: who.describe('The caller. Absent: one without a token.').optional(),
    call: call.describe('The call.'),
    expect: expectation.describe(
      '`allowed`, `refused`, `approval` for a call that waits for one, or `{ scope: […] }` for a challenge.',
    ),
  })
  .transform((raw): Omit<PolicyTest, 'name'> & { readonly name: string | undefined } => ({
    name: raw.name,
    who: raw.who,
    call: raw.call,
    expect: raw.expect,
  }))
