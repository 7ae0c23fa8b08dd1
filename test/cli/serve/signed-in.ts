// Ada signs in at a gateway of `protect` with a client that registered itself, and gets a token.
import { createDemoPerson } from '../../../src/cli/demo/person.ts'
import { pkce, post, postForm } from '../../as/clients/whole.ts'

export const PASSWORD = 'correct horse battery'

/** @param name what the client calls itself */
export async function tokenFor(origin: string, resource: string, name = 'desk'): Promise<string> {
  const redirectUri = 'http://127.0.0.1/callback'
  const registered = await post(`${origin}/register`, {
    client_name: name,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
  })
  const client = String(registered.json['client_id'])
  const { verifier, challenge } = pkce()
  const url = new URL(`${origin}/authorize`)
  const asked = { response_type: 'code', client_id: client, redirect_uri: redirectUri, resource }
  url.search = new URLSearchParams({
    ...asked,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString()
  const landed = await createDemoPerson({ name: 'ada', password: PASSWORD, fetch }).browse(url)
  const answer = await postForm(`${origin}/token`, {
    grant_type: 'authorization_code',
    client_id: client,
    code: landed.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  return String(answer.json['access_token'])
}
