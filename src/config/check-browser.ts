// Browser sessions: whether a route that has them can have them.
import type { Finding, IssuerSettings, RouteSettings, Settings } from '../core/settings.ts'
import type { BrowserSettings } from '../core/settings-browser.ts'

type Problem = readonly [key: string, message: string]

export function checkBrowser(settings: Settings): Finding[] {
  return settings.routes.flatMap((route, index) => {
    const problem = route.browser && problemOf(settings, route, route.browser)
    if (problem === undefined) return []
    const [key, message] = problem
    return [{ severity: 'error' as const, path: ['routes', index, 'browser', key], message }]
  })
}

function problemOf(
  { issuers }: Settings,
  { issuers: trusted, dpop }: RouteSettings,
  browser: BrowserSettings,
): Problem | undefined {
  const issuer = trusted.includes(browser.issuer) ? issuers.get(browser.issuer) : undefined
  if (issuer === undefined) return ['issuer', `the route trusts no issuer named "${browser.issuer}"`]
  if (dpop === 'require')
    return ['issuer', 'a browser session cannot prove a key; this route has `dpop: require`']
  return signInProblem(issuer, browser)
}

/** Why people cannot sign in at the issuer as this client. */
export function signInProblem(
  issuer: IssuerSettings,
  browser: Pick<BrowserSettings, 'client'>,
): Problem | undefined {
  return issuer.embedded ? surplus(browser) : lacking(issuer, browser)
}

function surplus({ client }: Pick<BrowserSettings, 'client'>): Problem | undefined {
  if (client === undefined) return undefined
  const message =
    'the embedded issuer knows the gateway; client_id, client_secret, scopes, resource and authorization_parameters are for an issuer elsewhere'
  return ['issuer', message]
}

function lacking(
  { name, verdictSource }: IssuerSettings,
  { client }: Pick<BrowserSettings, 'client'>,
): Problem | undefined {
  if (verdictSource !== undefined) {
    const message = `people sign in by OpenID Connect, which "${name}" does not do; outside providers may also go under authorization_server.sign_in.providers`
    return ['issuer', message]
  }
  if (client === undefined || client.id === '')
    return ['issuer', `"${name}" is an issuer elsewhere: client_id says what the gateway is there`]
  return undefined
}
