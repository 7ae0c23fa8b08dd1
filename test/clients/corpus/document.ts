// The metadata document of a client, published on this machine; with a key of its own where it proves itself by one.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { Documents } from '../../as/clients/documents.ts'
import { fill, type Variables } from './variables.ts'

const LIFE_SECONDS = 60

interface Place {
  readonly documents: Documents
  readonly variables: Variables
}

/** `{client_id}` is where it stands; `{client_assertion}` and `{client_assertion_for_issuer}` are made anew at each use. */
export function publish(
  path: string,
  document: Readonly<Record<string, unknown>>,
  { documents, variables }: Place,
): void {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }
  variables.set('jwks_uri', documents.put(`${path}.keys`, { keys: [jwk] }))
  const clientId = documents.publish(path, fill(document, variables))
  variables.set('client_id', clientId)
  const origin = variables.get('origin') ?? ''
  const assertionFor = (aud: string) => () => {
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: clientId, sub: clientId, aud, jti: randomUUID(), iat: now, exp: now + LIFE_SECONDS }
    const head = encode({ alg: 'RS256', kid: 'one', typ: 'JWT' })
    const signed = `${head}.${encode(claims)}`
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`
  }
  variables.make('client_assertion', assertionFor(`${origin}/token`))
  variables.make('client_assertion_for_issuer', assertionFor(origin))
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
