// The shape of `admin`: where the administration port listens, and who may do what there. What has to agree between keys
// is in check-admin.ts.
import { z } from 'zod'
import type { AdminSettings } from '../core/settings.ts'
import type { OperatorPeople, OperatorToken, PeerSettings } from '../core/settings-admin.ts'
import { endpointUrl, listenAddress, publicUrl } from './addresses.ts'
import { keyHash, name, scopeList, secret, text } from './scalars.ts'
import { signInClientOf } from './schema-browser.ts'
import { authorities, authorizationParameters } from './schema-reach.ts'
import { person } from './schema-who.ts'

/** Of people: each is asked at a sign-in. */
const MAX_RULES = 1_000

const may = z
  .array(z.enum(['view', 'operate', 'approve']))
  .min(1)
  .describe('`view`: read; `operate`: change what runs; `approve`: decide what waits for a person.')

const operatorToken = z
  .strictObject({
    name: name.describe('What the audit calls whoever shows it.'),
    hash: keyHash.describe('`sha256:` and the hash of the token, from `portcullis hash-key`.'),
    may,
  })
  .transform((raw): OperatorToken => ({ name: raw.name, sha256: raw.hash, may: raw.may }))

const peer = z
  .strictObject({
    name: name.describe('What the console calls it.'),
    url: endpointUrl.describe('Where its administration port is, such as https://east.internal:9090.'),
    token: secret.describe('One of its tokens that may `view`.'),
    ca: authorities,
  })
  .transform((raw): PeerSettings => ({ ...raw, url: raw.url.replace(/\/$/, ''), ca: raw.ca }))

/** Each is asked for every page that is looked at. */
const MAX_PEERS = 20

const people = z
  .strictObject({
    issuer: name.describe('Where people sign in: the embedded issuer, or one elsewhere with OpenID Connect.'),
    client_id: text
      .describe(
        'The client that the gateway is at an issuer elsewhere; its redirect address is /console/callback below `public_url`, or below where the port listens.',
      )
      .optional(),
    client_secret: secret
      .describe('Its secret. Absent: a public client; PKCE is used either way.')
      .optional(),
    scopes: scopeList
      .describe('What is asked for at an issuer elsewhere, beside `openid`: for groups and roles.')
      .optional(),
    authorization_parameters: authorizationParameters.optional(),
    rules: z
      .array(z.strictObject({ who: person.describe('All keys must fit, one value of each is enough.'), may }))
      .min(1)
      .max(MAX_RULES)
      .describe(
        'Who may do what. A person has the rights of every rule that fits; without one they do not come in.',
      ),
  })
  .transform((raw): OperatorPeople => ({ issuer: raw.issuer, client: signInClientOf(raw), rules: raw.rules }))

/** All hashes are compared with each token that is shown. */
const MAX_TOKENS = 100

export const admin = z
  .strictObject({
    listen: listenAddress
      .describe('Where health, metrics and readiness are served.')
      .prefault('127.0.0.1:9090'),
    public_url: publicUrl
      .describe(
        'The origin at which browsers find it, where a proxy stands in front: https, or this machine. Absent: `listen`.',
      )
      .optional(),
    token: secret
      .describe(
        'Bearer token for everything but /healthz, called `token` in the audit; it may not approve. An address that is not of this machine needs it, or `tokens`.',
      )
      .optional(),
    tokens: z
      .array(operatorToken)
      .max(MAX_TOKENS)
      .describe('Bearer tokens with a name and rights of their own, of which only hashes stand here.')
      .prefault([]),
    peers: z
      .array(peer)
      .max(MAX_PEERS)
      .describe('Administration ports of other gateways, which the console shows beside this one.')
      .prefault([]),
    people: people.describe('People who sign in with a browser.').optional(),
  })
  .transform(
    (raw): AdminSettings => ({
      ...{ listen: raw.listen, token: raw.token, tokens: raw.tokens, peers: raw.peers },
      ...(raw.public_url === undefined ? {} : { publicUrl: raw.public_url }),
      ...(raw.people === undefined ? {} : { people: raw.people }),
    }),
  )
