// How the gateway authenticates itself to an issuer (RFC 6749 §2.3, RFC 7523 §2.2). Secrets are revealed here and
// nowhere else in token/, and stand in no URL (I29).
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { IntrospectionSettings } from '../core/settings.ts'

export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
}

/** One way to authenticate. Where there are several, they are tried in their order. `now` is epoch milliseconds. */
export type ClientAuth = (now: number) => Promise<ClientProof>

const ASSERTION_SECONDS = 60
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** @param issuer the audience of assertions. Throws at start-up when the private key cannot be read. */
export function compileClientAuth(settings: IntrospectionSettings, issuer: string): readonly ClientAuth[] {
  const { auth, clientId, clientSecret, clientSecretNext, privateKey } = settings
  if (auth === 'private_key_jwt') {
    if (privateKey === undefined) throw new Error('private_key_jwt needs a private key')
    return [assertion(clientId, issuer, readPrivateKey(privateKey.reveal()))]
  }
  const secrets = [clientSecret, clientSecretNext].filter((secret) => secret !== undefined)
  if (secrets.length === 0) throw new Error(`${auth} needs a client secret`)
  return secrets.map((secret) => async () => {
    if (auth === 'post') return { headers: {}, form: { client_id: clientId, client_secret: secret.reveal() } }
    return { headers: { authorization: basicCredentials(clientId, secret.reveal()) }, form: {} }
  })
}

/** RFC 6749 §2.3.1 and Appendix B: each half is form-urlencoded before they are joined. */
export function basicCredentials(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}`
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

/** RFC 7523 §3: authenticates with an assertion that the gateway signs. */
function assertion(clientId: string, issuer: string, signer: Signer): ClientAuth {
  return async (now) => {
    const issuedAt = Math.floor(now / 1000)
    const jwt = await new SignJWT()
      .setProtectedHeader({ alg: signer.alg, typ: 'JWT', ...(signer.kid && { kid: signer.kid }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_SECONDS)
      .sign(signer.key)
    return {
      headers: {},
      form: { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: jwt },
    }
  }
}

interface Signer {
  readonly key: KeyObject
  readonly alg: string
  readonly kid: string | undefined
}

/** Reads PKCS #8 PEM, or a private JWK as JSON, whose `kid`, and `alg` for RSA, are used. */
function readPrivateKey(text: string): Signer {
  try {
    if (!text.trimStart().startsWith('{')) {
      const key = createPrivateKey(text)
      return { key, alg: algorithmOf(key), kid: undefined }
    }
    const jwk = JSON.parse(text) as Record<string, unknown>
    const key = createPrivateKey({ key: jwk, format: 'jwk' })
    const { kid, alg } = jwk
    const named =
      key.asymmetricKeyType === 'rsa' && typeof alg === 'string' && /^[RP]S(256|384|512)$/.test(alg)
    return { key, kid: typeof kid === 'string' ? kid : undefined, alg: named ? alg : algorithmOf(key) }
  } catch {
    throw new Error('the private key of the introspection client cannot be read') // the cause could quote it
  }
}

const BY_CURVE: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? ''
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  return BY_CURVE[curve] ?? 'RS256'
}
