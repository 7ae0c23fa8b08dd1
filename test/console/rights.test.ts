// The table of right × page × change, over the administration port of a whole gateway: every page of the console, by
// everybody who has some of the rights, by nobody, and where the file names nobody.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consolePages } from '../../src/console/admin-pages.ts'
import type { OperatorRight } from '../../src/core/operator.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { ADMIN, RIGHTS_OF, shownBy } from './operators.ts'

/** As they are mounted; nothing is answered by these. */
const PAGES = consolePages({} as never).map(({ method, path, right }) => [method, path, right] as const)

let named: TestGateway
let unnamed: TestGateway
beforeAll(async () => {
  named = await startTestGateway({ admin: ADMIN, top: 'trusted_proxies: [127.0.0.1]' })
  unnamed = await startTestGateway()
})
afterAll(async () => {
  await named.close()
  await unnamed.close()
})

/** The status alone: some of them never end. */
async function statusOf(
  gateway: TestGateway,
  [method, path]: (typeof PAGES)[number],
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const leaving = new AbortController()
  const asked = { method, headers, signal: leaving.signal }
  const { status } = await fetch(gateway.running.adminOrigin + path, asked)
  leaving.abort()
  return status
}

test('there are pages that read, and changes of both kinds', () => {
  const rights = new Set<OperatorRight>(PAGES.map(([, , right]) => right))
  expect([...rights].sort()).toEqual(['approve', 'operate', 'view'])
  expect(PAGES.filter(([method]) => method === 'POST').every(([, , right]) => right !== 'view')).toBe(true)
  expect(PAGES.filter(([method]) => method === 'GET').every(([, , right]) => right === 'view')).toBe(true)
})

describe.each(PAGES)('%s %s needs %s', (method, path, right) => {
  test.each(Object.entries(RIGHTS_OF))('%s', async (name, may) => {
    const status = await statusOf(named, [method, path, right], shownBy(name))
    if (!may.includes(right)) expect(status).toBe(403)
    else if (method === 'POST')
      expect(status).toBe(409) // there was nothing in the form
    else expect([200, 404]).toContain(status) // nobody is named
  })

  test('nobody, and somebody with another token', async () => {
    expect(await statusOf(named, [method, path, right])).toBe(401)
    const place = PAGES.findIndex((page) => page[0] === method && page[1] === path)
    const headers = { authorization: 'Bearer another', 'x-forwarded-for': `192.0.2.${place}` } // wrong tokens of one network are counted
    expect(await statusOf(named, [method, path, right], headers)).toBe(401)
  })

  test('anybody on loopback, where the file names nobody', async () => {
    expect(await statusOf(unnamed, [method, path, right])).toBe(401)
  })
})
