// Browser sessions: whether a route that has them can have them.
import type { Finding, RouteSettings, Settings } from '../core/settings.ts'

export function checkBrowser(settings: Settings): Finding[] {
  return settings.routes.flatMap((route, index) => {
    const message = problemOf(settings, route)
    return message === undefined
      ? []
      : [{ severity: 'error' as const, path: ['routes', index, 'browser', 'issuer'], message }]
  })
}

/** The session is a token of ours, so people sign in with the authorization server of this process. */
function problemOf(
  { issuers }: Settings,
  { browser, issuers: trusted, dpop }: RouteSettings,
): string | undefined {
  if (browser === undefined) return undefined
  if (!trusted.includes(browser.issuer)) return `the route trusts no issuer named "${browser.issuer}"`
  if (issuers.get(browser.issuer)?.embedded !== true) {
    return `people sign in with the embedded authorization server; "${browser.issuer}" is another one. Outside providers go under authorization_server.sign_in.providers`
  }
  return dpop === 'require'
    ? 'a browser session cannot prove a key; this route has `dpop: require`'
    : undefined
}
