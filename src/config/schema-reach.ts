// How an issuer or a provider is reached where that is not the usual way: by the gateway under other addresses, as
// between containers, or with certificate authorities of one's own; by browsers with more parameters.
import { z } from 'zod'
import { endpointUrl } from './addresses.ts'
import { pemPath, text } from './scalars.ts'

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

/** Parameters that the flow itself sends, that would replace it (RFC 9101), or that belong to other requests. */
const OF_THE_PROTOCOL = new Set([
  ...['response_type', 'response_mode', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'resource'],
  ...['code_challenge', 'code_challenge_method', 'request', 'request_uri', 'registration', 'dpop_jkt'],
  ...['client_secret', 'client_assertion', 'client_assertion_type', 'code', 'code_verifier', 'grant_type'],
])
const MAX_PARAMETERS = 20
const PARAMETER_WORDS = 'expected the name of a parameter, such as audience or acr_values'

export const authorizationParameters = z
  .record(z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, PARAMETER_WORDS), text)
  .superRefine((parameters, context) => {
    const names = Object.keys(parameters)
    for (const name of names.filter((one) => OF_THE_PROTOCOL.has(one.toLowerCase()))) {
      const message = `${name} is set by the gateway itself, or has no place in this request; remove it`
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (names.length > MAX_PARAMETERS)
      context.addIssue({ code: 'custom', message: `expected at most ${MAX_PARAMETERS} parameters` })
  })
  .describe(
    'Parameters that the authorization request carries beside those of the protocol, such as `audience` for Auth0. Browsers see it.',
  )
