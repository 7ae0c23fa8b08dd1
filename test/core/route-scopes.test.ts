// Which scopes of a route its issuers do not list, and when a list says nothing.
import { expect, test } from 'vitest'
import { scopesOfRoute, scopesUnlisted } from '../../src/core/route-scopes.ts'
import { policy, rule } from '../policy/policies.ts'

const route = {
  scopes: ['notes:read'],
  scopesSupported: ['notes:write'],
  policy: policy({
    rules: [rule('purge', { tools: ['purge'], scopes: { any: ['notes:admin', 'notes:purge'] } })],
    methods: new Map([['x/y', 'notes:odd']]),
  }),
}
const ALL = ['notes:read', 'notes:write', 'notes:admin', 'notes:purge', 'notes:odd']
const IMPLY = new Map([['notes:admin', ['notes:write', 'notes:purge']]])

test('every scope that a route names, once', () => {
  expect(scopesOfRoute(route)).toEqual(ALL)
})

test.each([
  ['all are listed', [ALL], []],
  ['one is not', [ALL.slice(0, -1)], ['notes:odd']],
  ['what a listed scope contains is known', [['notes:read', 'notes:admin', 'notes:odd']], []],
  ['two issuers between them', [ALL.slice(0, 2), ALL.slice(2)], []],
  ['an issuer that lists nothing may know them all', [['notes:read'], undefined], []],
  ['a list of scopes of OpenID alone says nothing', [['openid', 'email', 'offline_access']], []],
  ['an empty list says nothing', [[]], []],
])('%s', (_name, listed, unlisted) => {
  expect(scopesUnlisted(route, listed, IMPLY)).toEqual(unlisted)
})
