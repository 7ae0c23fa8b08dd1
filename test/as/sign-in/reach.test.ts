// How providers and issuers are reached: with certificate authorities of one's own, under other addresses than browsers
// use, and what an operator is told when they cannot be.
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createOidcLogin } from '../../../src/as/browser/oidc-login.ts'
import { newPendingAuthorization } from '../../../src/as/sign-in/code-flow.ts'
import { createFetchClient } from '../../../src/as/sign-in/fetch-client.ts'
import { createOidcProvider } from '../../../src/as/sign-in/oidc.ts'
import { createIssuer } from '../../../src/token/issuer.ts'
import { createCertificate } from '../../support/certificate.ts'
import { newKey, startIssuer } from '../../support/issuer.ts'
import { issuerSettings } from '../../token/scene.ts'
import type { FakeProvider } from '../support/provider.ts'
import { EVERYBODY, expectConsent, startWay } from '../support/way.ts'

/** An issuer behind a certificate that only its own authority vouches for. */
async function startPrivate(): Promise<{ readonly url: string; readonly ca: string }> {
  const { cert, key } = createCertificate()
  const { jwk } = newKey('k')
  const server: Server = createServer({ cert, key }, (request, response) => {
    const { url = '' } = request
    const metadata = {
      ...{
        issuer: made.url,
        authorization_endpoint: `${made.url}/authorize`,
        token_endpoint: `${made.url}/token`,
      },
      ...{ jwks_uri: `${made.url}/jwks`, response_types_supported: ['code'] },
      ...{ subject_types_supported: ['public'], code_challenge_methods_supported: ['S256'] },
      id_token_signing_alg_values_supported: ['ES256'],
    }
    const said = url === '/jwks' ? { keys: [jwk] } : metadata
    response.setHeader('content-type', 'application/json').end(JSON.stringify(said))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made = { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: cert }
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return made
}

const BARE = {
  ...{ name: 'corp', label: 'Corp', endpoints: undefined, allowInsecureIssuer: false, clientId: 'gateway' },
  ...{ clientSecret: undefined, scopes: ['openid'], allow: EVERYBODY },
  claims: { subject: 'sub', name: 'name', email: 'email', groups: 'groups' },
}
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_VERIFY|DEPTH_ZERO/

describe('a private certificate authority', () => {
  test('of a provider: with `ca` it is trusted, without it the code of TLS is told', async () => {
    const { url, ca } = await startPrivate()
    for (const [given, isTrusted] of [
      [ca, true],
      [undefined, false],
    ] as const) {
      const fetchClient = createFetchClient(given)
      const provider = createOidcProvider({ ...BARE, issuer: url }, { fetchClient, now: Date.now })
      const why = await provider.probe()
      if (isTrusted) expect(why).toBeUndefined()
      else expect(why).toMatch(UNTRUSTED)
      expect(provider.status()).toMatchObject({ name: 'corp', ready: isTrusted })
      const begun = await provider.begin('https://mcp.example.com/back', newPendingAuthorization(), undefined)
      expect(begun.ok).toBe(isTrusted)
      if (!begun.ok) expect(begun.detail).toMatch(UNTRUSTED)
      await provider.close()
    }
  })

  test('of an issuer: its keys, and the sign-in of browsers there', async () => {
    const { url, ca } = await startPrivate()
    for (const given of [ca, undefined]) {
      const issuer = createIssuer(issuerSettings(url, { allowInsecureIssuer: false, ca: given }))
      const loginProvider = createOidcLogin({
        ...{ name: 'corp', issuer: url, allowInsecureIssuer: false, clientId: 'gateway', ca: given },
        ...{
          clientSecret: undefined,
          tellsResource: true,
          publicOrigin: 'https://mcp.example.com',
          now: Date.now,
        },
      })
      const found = await issuer.probe()
      const begun = await loginProvider.client.begin(
        { resource: 'https://a.example', scopes: [] },
        newPendingAuthorization(),
        '::1',
      )
      expect(begun.ok).toBe(given !== undefined)
      if (given === undefined) expect(found.join()).toMatch(UNTRUSTED)
      else expect(found).toEqual([])
      await issuer.close()
      await loginProvider.close()
    }
  })
})

/** Where nobody answers. */
const NOWHERE = 'http://127.0.0.1:9'

describe('overrides', () => {
  test('of a provider: browsers go where the metadata says, the gateway asks elsewhere', async () => {
    const over = ({ url }: FakeProvider) => ({
      issuer: NOWHERE,
      overrides: {
        metadata: `${url}/.well-known/openid-configuration`,
        jwksUri: `${url}/jwks`,
        tokenEndpoint: `${url}/token`,
        userinfoEndpoint: `${url}/userinfo`,
      },
    })
    const way = await startWay(EVERYBODY, 'oidc', { over })
    way.provider.metadata = {
      ...{ issuer: NOWHERE, jwks_uri: `${NOWHERE}/jwks`, token_endpoint: `${NOWHERE}/token` },
      userinfo_endpoint: `${NOWHERE}/userinfo`,
    }
    way.provider.idToken = { iss: NOWHERE }
    way.provider.redirect = (callback) => {
      callback.searchParams.set('iss', NOWHERE)
      return callback
    }
    expectConsent(await way.signIn())
    expect(way.provider.asked).toEqual(expect.arrayContaining(['/jwks', '/token', '/userinfo']))
    await way.close()
  })

  test('do not loosen what the issuer must be', async () => {
    const over = ({ url }: FakeProvider) => ({
      issuer: NOWHERE,
      overrides: { ...NONE, metadata: `${url}/.well-known/openid-configuration` },
    })
    const way = await startWay(EVERYBODY, 'oidc', { over })
    expect((await way.scene.server.probe()).join()).toContain(`names \`${way.provider.url}\``)
    await way.close()
  })

  test('of an issuer of tokens: metadata and keys', async () => {
    const server = await startIssuer()
    const overrides = {
      ...NONE,
      metadata: `${server.url}/.well-known/openid-configuration`,
      jwksUri: `${server.url}/jwks`,
    }
    Object.assign(server.metadata, { issuer: NOWHERE, jwks_uri: `${NOWHERE}/jwks` })
    const issuer = createIssuer(issuerSettings(NOWHERE, { overrides }))
    expect(await issuer.probe()).toEqual([])
    expect(issuer.status().ready).toBe(true)
    const named = createIssuer(issuerSettings(server.url, { overrides }))
    expect((await named.probe()).join()).toContain(`names \`${NOWHERE}\``)
    await Promise.all([issuer.close(), named.close(), server.close()])
  })
})

const NONE = {
  metadata: undefined,
  jwksUri: undefined,
  tokenEndpoint: undefined,
  userinfoEndpoint: undefined,
}

describe('what an operator is told of a provider', () => {
  test.each([
    [
      'another issuer',
      ({ url }: FakeProvider) => ({
        issuer: `${url}/realm/`,
        overrides: { ...NONE, metadata: `${url}/.well-known/openid-configuration` },
      }),
      /names `http.*`; write exactly that/,
    ],
    ['nobody there', () => ({ issuer: NOWHERE }), /no answer \(ECONNREFUSED\)/],
  ])('%s: at start and in /readyz', async (_what, over, words) => {
    const way = await startWay(EVERYBODY, 'oidc', { over })
    const found = await way.scene.server.probe()
    expect(found).toEqual([expect.stringMatching(words)])
    expect(found[0]).toMatch(/^provider fake: /)
    expect(way.scene.server.status()).toEqual([
      expect.objectContaining({ name: 'fake', ready: false, lastError: expect.stringMatching(words) }),
    ])
    await way.close()
  })

  test('one that heals is ready again', async () => {
    const way = await startWay(EVERYBODY)
    way.provider.down = true
    expect(await way.scene.server.probe()).toHaveLength(1)
    way.provider.down = false
    expect(way.scene.server.status()[0]?.ready).toBe(false) // asks again by itself
    await expect.poll(() => way.scene.server.status()[0]?.ready).toBe(true)
    expect(await way.scene.server.probe()).toEqual([])
    await way.close()
  })

  test.each([
    ['aud', { aud: 'another-client' }],
    ['iss', { iss: 'https://evil.example.com' }],
    ['nonce', { nonce: 'another' }],
    ['exp', { exp: 1 }],
  ])('the audit names the claim: %s', async (claim, idToken) => {
    const way = await startWay(EVERYBODY)
    way.provider.idToken = idToken
    way.expectRefused(await way.signIn())
    expect(way.scene.events.at(-1)?.detail).toContain(`(${claim})`)
    await way.close()
  })
})
