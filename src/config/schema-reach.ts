// How the gateway itself reaches an issuer or a provider, where that is not the way of browsers and clients: under other
// addresses, as between containers, or with certificate authorities of one's own.
import { z } from 'zod'
import { endpointUrl } from './addresses.ts'
import { pemPath } from './scalars.ts'

export const authorities = pemPath
  .describe('`file:` with the certificate authorities to trust there instead of the usual ones.')
  .optional()

export const overrides = z
  .strictObject({
    metadata: endpointUrl
      .describe('The whole address of its metadata. The issuer in it must still be the one of the file.')
      .optional(),
    jwks_uri: endpointUrl.describe('Where its keys are.').optional(),
    token_endpoint: endpointUrl.describe('Where codes are redeemed.').optional(),
    userinfo_endpoint: endpointUrl.describe('Who a person is.').optional(),
  })
  .transform((raw) => ({
    metadata: raw.metadata,
    jwksUri: raw.jwks_uri,
    tokenEndpoint: raw.token_endpoint,
    userinfoEndpoint: raw.userinfo_endpoint,
  }))
  .describe(
    'Addresses for the gateway alone, instead of those in the metadata: where it reaches the issuer under another name than browsers do.',
  )
  .optional()
