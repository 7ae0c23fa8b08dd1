// "Verify aud, exp, scope: fifty lines" leaves out the rest of what a token must be.
import { test } from 'vitest'
import { call, expectUnauthorized, open } from './trap.ts'

const now = () => Math.floor(Date.now() / 1000)
const WRONG: readonly (readonly [string, () => object, object?])[] = [
  ['iss', () => ({ iss: 'https://other.example' })],
  ['nbf', () => ({ nbf: now() + 600 })],
  ['exp', () => ({ exp: now() - 600 })],
  ['aud', () => ({ aud: 'https://other.example' })],
  ['sub', () => ({ sub: '' })],
  ['typ', () => ({}), { typ: 'logout+jwt' }],
  ['alg', () => ({}), { alg: 'none' }],
  ['kid', () => ({}), { kid: 'another' }],
  ['crit', () => ({}), { crit: ['b64'] }],
]

const CASES = WRONG.map(([name, claims, header]) => ({ name, claims, header }))

test.each(CASES)('T-14: a wrong $name', async ({ claims, header }) => {
  const gateway = await open()
  const usual = { iss: gateway.issuer.url, aud: gateway.resource, sub: 'u', scope: 'a', exp: now() + 600 }
  expectUnauthorized(await call(gateway, gateway.issuer.sign({ ...usual, ...claims() }, header)), gateway)
})
