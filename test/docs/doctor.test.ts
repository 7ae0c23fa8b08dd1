// docs/doctor.md against the checks that there are: each stands in its table, in the order in which it is made.
import { expect, test } from 'vitest'
import { CHECKS } from '../../src/inspect/doctor/examine.ts'
import { tableOf } from './page.ts'

test('docs/doctor.md lists every check, and no other', () => {
  expect(tableOf('docs/doctor.md', 'check')).toEqual(CHECKS.map(({ id, rule }) => [id, rule]))
  expect(CHECKS.length).toBeGreaterThan(30)
})
