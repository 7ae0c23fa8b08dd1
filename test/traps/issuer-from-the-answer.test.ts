// `issuer: header || configured` makes the issuer check pass always. A missing issuer is a refusal.
import { test } from 'vitest'
import { call, expectUnauthorized, openWacht } from './trap.ts'

test.each([undefined, 'https://other.example', ''])('T-03: x-wacht-oauth-issuer %s', async (issuer) => {
  const { gateway, wacht } = await openWacht()
  wacht.allowed = { headers: { 'x-wacht-oauth-issuer': issuer } }
  expectUnauthorized(await call(gateway, 'good.1'), gateway)
})
