// Shares that mean what they say: how much of the memory for bodies one caller may have, and the body of a route.
import { expect, test } from 'vitest'
import { checkProxyInFront, checkShares } from '../../src/config/check-shares.ts'
import { BODY_BUDGET } from '../../src/http/body.ts'
import { settingsWith } from '../policy/settings.ts'

function withBody(bodyBytes: number, sharePerCaller: number) {
  const settings = settingsWith({ policy: {} })
  const [route] = settings.routes
  return {
    ...settings,
    limits: { ...settings.limits, sharePerCaller },
    routes: route ? [{ ...route, limits: { ...route.limits, bodyBytes } }] : [],
  }
}

test('a body that fits a share of the memory is fine, and one byte more is an error', () => {
  const share = BODY_BUDGET.maxBufferedBytes / 4
  expect(checkShares(withBody(share, 0.25))).toEqual([])
  expect(checkShares(withBody(share + 1, 0.25))).toMatchObject([
    { severity: 'error', path: ['routes', 0, 'limits', 'body'], message: expect.stringMatching(/32 MiB/) },
  ])
})

test('https without tls means a proxy in front, which has to be named', () => {
  const settings = settingsWith({ policy: {} })
  expect(checkProxyInFront(settings)).toMatchObject([
    { severity: 'warning', path: ['public_url'], message: expect.stringMatching(/trusted_proxies/) },
  ])
  expect(checkProxyInFront({ ...settings, trustedProxies: ['127.0.0.1'] })).toEqual([])
  expect(checkProxyInFront({ ...settings, tls: { cert: '/c', key: '/k' } })).toEqual([])
  expect(checkProxyInFront({ ...settings, publicUrl: 'http://127.0.0.1:8080' })).toEqual([])
})
