// What a browser says of a passkey (WebAuthn Level 3 §5.1, as JSON), read and held against what was asked for. The library is
// loaded for the first one. Attestation proves nothing here, so none with a certificate is taken: checking it could lead to
// addresses that somebody wrote into it.
import type {
  AuthenticationResponseJSON,
  RegistrationResponseJSON,
  VerifiedAuthenticationResponse,
  VerifiedRegistrationResponse,
} from '@simplewebauthn/server'
import type { Passkey } from '../store/passkeys.ts'

/** EdDSA, ES256, RS256 (RFC 9053 §2, RFC 8812 §2): what the browsers of today make. */
export const PASSKEY_ALGORITHMS = [-8, -7, -257] as const
/** Larger than any that a browser makes. */
const MAX_RESPONSE_CHARS = 16_384

export interface Expected {
  /** Whether a challenge is one that was given for this form. */
  readonly isOurs: (challenge: string) => boolean
  readonly origin: string
  readonly rpId: string
}

/** Undefined when it is not such a response. */
export function readResponse<R extends AuthenticationResponseJSON | RegistrationResponseJSON>(
  text: string,
): R | undefined {
  if (text.length > MAX_RESPONSE_CHARS) return undefined
  try {
    const read: unknown = JSON.parse(text)
    return isResponse(read) ? (read as R) : undefined
  } catch {
    return undefined
  }
}

function isResponse(read: unknown): boolean {
  if (typeof read !== 'object' || read === null) return false
  const { id, response } = read as { readonly id?: unknown; readonly response?: unknown }
  if (typeof id !== 'string' || typeof response !== 'object' || response === null) return false
  const { clientDataJSON } = response as { readonly clientDataJSON?: unknown }
  return typeof clientDataJSON === 'string' && !isFramed(clientDataJSON)
}

/** PK-01: our pages are in no frame, so what comes out of one was not made on them. */
function isFramed(clientData: string): boolean {
  const said: unknown = JSON.parse(Buffer.from(clientData, 'base64url').toString('utf8'))
  return typeof said !== 'object' || said === null || (said as { crossOrigin?: unknown }).crossOrigin === true
}

type Registration = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

/** Undefined when it is not what was asked for, or its person was not verified. */
export async function verifyRegistration(
  response: RegistrationResponseJSON,
  { isOurs, origin, rpId }: Expected,
): Promise<Registration | undefined> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  return unlessThrown(async () => {
    if (!(await isWithoutCertificate(response))) return undefined
    const found = await verifyRegistrationResponse({
      response,
      expectedChallenge: isOurs,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true, // PK-03
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    })
    return found.verified ? found.registrationInfo : undefined
  })
}

/** PK-06: WebAuthn §8.7, and §8.2 where the key signs for itself. */
async function isWithoutCertificate({ response }: RegistrationResponseJSON): Promise<boolean> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(
    new Uint8Array(Buffer.from(response.attestationObject, 'base64url')),
  )
  const format = decoded.get('fmt')
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}

/** The same for a sign-in with a passkey that is kept here. */
export async function verifyAuthentication(
  response: AuthenticationResponseJSON,
  passkey: Passkey,
  { isOurs, origin, rpId }: Expected,
): Promise<VerifiedAuthenticationResponse['authenticationInfo'] | undefined> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  return unlessThrown(async () => {
    const { id, publicKey, counter } = passkey
    const found = await verifyAuthenticationResponse({
      response,
      expectedChallenge: isOurs,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true, // PK-03: it is the only factor
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
    })
    return found.verified ? found.authenticationInfo : undefined
  })
}

/** The library throws for whatever is not as it should be, with values in its message. */
async function unlessThrown<T>(verify: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
