// Who may use the administration port: what the file may not say of tokens and of people, and what it is warned of.
import { describe, expect, it } from 'vitest'
import { expectError, expectWarning, file, load } from './support.ts'

const operator = (name: string, digit: string): string => `name: ${name}, hash: "sha256:${digit.repeat(64)}"`

const embedded = (rule: string, more = '') =>
  file({
    ...{ issuers: 'own: { embedded: true }', trusts: '[own]' },
    top: `authorization_server: { data: as.sqlite }\nadmin: { people: { issuer: own, ${more} rules: [{ ${rule}, may: [view, approve] }] } }`,
  })

const people = (keys: string, who: string, more = '', may = '[view, approve]'): string =>
  file({ top: `admin: { ${more} people: { ${keys}, rules: [{ who: { ${who} }, may: ${may} }] } }` })

const ERRORS: readonly (readonly [string, string, RegExp, string?])[] = [
  [
    'a hash that is none',
    file({ top: `admin: { tokens: [{ name: a, hash: "${'0'.repeat(64)}", may: [view] }] }` }),
    /expected sha256: and 64 hex digits in lower case; make it with portcullis hash-key/,
  ],
  [
    'a right that is none',
    file({ top: `admin: { tokens: [{ ${operator('a', '0')}, may: [read] }] }` }),
    /view/,
  ],
  ['a token without a right', file({ top: `admin: { tokens: [{ ${operator('a', '0')}, may: [] }] }` }), /./],
  [
    'a token of the name of another',
    file({ top: `admin: { tokens: [{ ${operator('token', '0')}, may: [view] }] }` }),
    /the audit calls somebody else "token"/,
    'token',
  ],
  [
    'two tokens of one name',
    file({
      top: `admin: { tokens: [{ ${operator('a', '0')}, may: [view] }, { ${operator('a', '1')}, may: [view] }] }`,
    }),
    /duplicate token "a"/,
    'a',
  ],
  [
    'one token under two names',
    file({
      top: `admin: { tokens: [{ ${operator('a', '0')}, may: [view] }, { ${operator('b', '0')}, may: [view] }] }`,
    }),
    /this is the token "a" too/,
  ],
  [
    'people at nobody',
    people('issuer: crop, client_id: a', 'subjects: [a]'),
    /no issuer is named "crop"/,
    'crop',
  ],
  [
    'people without a client',
    people('issuer: corp', 'subjects: [a]'),
    /client_id says what the gateway is there/,
  ],
  [
    'people at the embedded issuer by a group',
    embedded('who: { groups: { claim: groups, any: [a] } }'),
    /only `subjects` are known here/,
  ],
  [
    'people at the embedded issuer by a role',
    embedded('who: { roles: [a] }'),
    /only `subjects` are known here/,
  ],
  [
    'people at the embedded issuer by a client',
    embedded('who: { subjects: [a] }', 'client_id: a,'),
    /the embedded issuer knows the gateway/,
  ],
  [
    'people without a rule',
    file({ top: 'admin: { people: { issuer: corp, client_id: a, rules: [] } }' }),
    /an empty list says nothing/,
  ],
  [
    'a rule for nobody',
    file({ top: 'admin: { people: { issuer: corp, client_id: a, rules: [{ who: {}, may: [view] }] } }' }),
    /name at least one of subjects, roles, groups/,
  ],
  [
    'roles that no claim has',
    people('issuer: corp, client_id: a', 'roles: [a]'),
    /no role is ever found: issuers.corp.claims.roles says where/,
  ],
  [
    'people over plain http',
    people('issuer: corp, client_id: a', 'subjects: [a]', 'listen: "0.0.0.0:9090",'),
    /no browser may send their session over plain http/,
  ],
  [
    'admin.public_url over http',
    file({ top: 'admin: { public_url: "http://admin.example.com" }' }),
    /plain http is only for this machine; use https, operators sign in there/,
  ],
]

const WARNINGS: readonly (readonly [string, string, RegExp])[] = [
  [
    'nobody may approve',
    people('issuer: corp, client_id: a', 'subjects: [a]', '', '[view]'),
    /nobody may approve/,
  ],
  [
    'nobody sees a page',
    people('issuer: corp, client_id: a', 'subjects: [a]', '', '[approve]'),
    /no rule gives view/,
  ],
]

const FINE: readonly (readonly [string, string])[] = [
  [
    'admin off loopback with a named token',
    file({
      top: `admin: { listen: "0.0.0.0:9090", tokens: [{ ${operator('a', '0')}, may: [view] }] }`,
    }),
  ],
  ['people', people('issuer: corp, client_id: a', 'subjects: [a]')],
]

describe('operators', () => {
  for (const [what, text, words, at] of ERRORS) it(what, () => expectError(text, words, at))
  for (const [what, text, words] of WARNINGS) it(what, () => expectWarning(text, words))
  for (const [what, text] of FINE)
    it(`${what}: fine`, () => expect(load(text)).toMatchObject({ ok: true, warnings: [] }))
})
