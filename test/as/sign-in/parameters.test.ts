// `authorization_parameters`: what the authorization request carries beside what the protocol puts there, at providers of
// both kinds and at the issuer of a route. Nothing of the protocol can be replaced, whatever the settings say.
import { describe, expect, onTestFinished, test } from 'vitest'
import { newPendingAuthorization } from '../../../src/as/sign-in/code-flow.ts'
import { createFetchClient } from '../../../src/as/sign-in/fetch-client.ts'
import { createOAuthProvider } from '../../../src/as/sign-in/oauth.ts'
import { createOidcProvider } from '../../../src/as/sign-in/oidc.ts'
import { expectError, file } from '../../config/support.ts'
import { createAgent } from '../support/agent.ts'
import { begin, CLIENT_SECRET, startElsewhere } from '../support/elsewhere.ts'
import { startProvider } from '../support/provider.ts'
import { EVERYBODY } from '../support/way.ts'

const BARE = {
  ...{ name: 'corp', label: 'Corp', allowInsecureIssuer: true, clientId: 'gateway', clientSecret: undefined },
  ...{ scopes: ['openid'], allow: EVERYBODY },
  claims: { subject: 'sub', name: 'name', email: 'email', groups: 'groups' },
}
const AUDIENCE = 'https://api.example.com'

describe('authorization parameters', () => {
  test('of a provider stand in the request, and replace nothing there', async () => {
    const fake = await startProvider()
    onTestFinished(() => fake.close())
    const settings = {
      ...BARE,
      parameters: { audience: AUDIENCE, scope: 'admin', state: 'mine', prompt: 'none' },
    }
    const [fetchClient, now] = [createFetchClient(undefined), Date.now]
    const endpoints = { authorization: `${fake.url}/authorize`, token: fake.url, userinfo: fake.url }
    const providers = [
      createOidcProvider({ ...settings, issuer: fake.url, endpoints: undefined }, { fetchClient, now }),
      createOAuthProvider({ ...settings, issuer: undefined, endpoints }, fetchClient),
    ]
    for (const provider of providers) {
      const pending = newPendingAuthorization()
      const begun = await provider.begin('https://mcp.example.com/back', pending, 'login')
      const query = new URL(begun.ok ? begun.value : '').searchParams
      expect(query.getAll('audience')).toEqual([AUDIENCE])
      expect([query.getAll('state'), query.getAll('scope')]).toEqual([[pending.state], ['openid']])
    }
    await fetchClient.close()
  })

  test('of the issuer of a route', async () => {
    const fake = await startProvider()
    const client = `client_secret: ${CLIENT_SECRET}, authorization_parameters: { audience: "${AUDIENCE}" }`
    const gateway = await startElsewhere(fake.url, { client })
    onTestFinished(async () => {
      await gateway.close()
      await fake.close()
    })
    const { searchParams: query } = await begin(gateway, createAgent())
    expect([query.getAll('audience'), query.get('client_id')]).toEqual([[AUDIENCE], 'portcullis-at-fake'])
  })

  test.each([
    'response_type',
    'client_id',
    'redirect_uri',
    'Scope',
    'state',
    'nonce',
    'code_challenge',
    'request',
  ])('%s is refused by `check`', (name) => {
    const text = file({
      route: `browser: { issuer: corp, client_id: x, authorization_parameters: { ${name}: x } }`,
    })
    expectError(text, /is set by the gateway itself, or has no place in this request/)
  })
})
