// An issuer on loopback for the length of a benchmark: one key, its metadata and JWKS, and signed tokens.
// It has no authorize or token endpoint.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'

const TOKEN_LIFE = '2h'
const KEY_ID = 'bench-1'

export interface Issuer {
  readonly url: string
  /** RS256, unless the benchmark asks for another. */
  readonly algorithm: string
  readonly publicKeyPem: string
  /** An access token for the `n`th user, RFC 9068 shaped, with the scopes of the benchmark's rules. */
  mint(audience: string, n: number): Promise<string>
  /** The same with the same key id, signed with a key that is not in the JWKS. */
  forge(audience: string, n: number): Promise<string>
  close(): Promise<void>
}

export async function createIssuer(algorithm = 'RS256'): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, {
    modulusLength: 2048,
    extractable: true,
  })
  const stranger = await generateKeyPair(algorithm, { modulusLength: 2048 })
  const jwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: algorithm, use: 'sig' }
  let url = ''
  const documents = (): Record<string, unknown> => ({
    '/.well-known/oauth-authorization-server': metadata(url),
    '/.well-known/openid-configuration': metadata(url),
    '/jwks': { keys: [jwk] },
  })
  const server = createServer((request, response) => {
    const document = documents()[request.url ?? '']
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signing = (key: CryptoKey) => (audience: string, n: number) =>
    sign({ key, algorithm }, url, audience, n)
  return {
    ...{ url, algorithm },
    publicKeyPem: await exportSPKI(publicKey),
    mint: signing(privateKey),
    forge: signing(stranger.privateKey),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Signer {
  readonly key: CryptoKey
  readonly algorithm: string
}

function sign({ key, algorithm }: Signer, issuer: string, audience: string, n: number): Promise<string> {
  const claims = { scope: 'notes:read notes:write', client_id: `client-${n % 10}`, jti: `token-${n}` }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: KEY_ID })
    .setIssuer(issuer)
    .setSubject(`user-${n}`)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFE)
    .sign(key)
}

function metadata(url: string): Record<string, unknown> {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks`,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code'],
    code_challenge_methods_supported: ['S256'],
  }
}
