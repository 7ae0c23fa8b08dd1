// The OAuth provider that the demo hands to both official SDKs. It keeps everything in memory, and where a real
// client opens a browser it asks the dev issuer itself and reads the redirect.
import { randomUUID } from 'node:crypto'
import type { OAuthDiscoveryState } from '@modelcontextprotocol/client'
import type { Fetch } from './demo-wire.ts'

/** Nothing listens there: the demo reads the redirect instead of following it. */
const REDIRECT_URL = 'http://127.0.0.1/callback'

interface Tokens {
  access_token: string
  token_type: string
  scope?: string | undefined
  refresh_token?: string | undefined
}

interface ClientInformation {
  client_id: string
  client_secret?: string
}

export class DemoLogin {
  readonly redirectUrl = REDIRECT_URL
  readonly clientMetadata: {
    client_name: string
    redirect_uris: string[]
    grant_types: string[]
    response_types: string[]
    token_endpoint_auth_method: string
  }
  #client: ClientInformation | undefined
  #tokens: Tokens | undefined
  #verifier = ''
  #state = ''
  #discovery: OAuthDiscoveryState | undefined
  #pending: URL | undefined

  constructor(clientName: string, grantTypes: readonly string[]) {
    this.clientMetadata = {
      client_name: clientName,
      redirect_uris: [REDIRECT_URL],
      grant_types: [...grantTypes],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
  }

  state(): string {
    this.#state = randomUUID()
    return this.#state
  }

  clientInformation(): ClientInformation | undefined {
    return this.#client
  }

  saveClientInformation(client: ClientInformation): void {
    this.#client = client
  }

  tokens(): Tokens | undefined {
    return this.#tokens
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }

  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.#discovery = discovery
  }

  redirectToAuthorization(url: URL): void {
    this.#pending = url
  }

  /** True when the SDK asked for a browser and nobody has answered yet. */
  get wanted(): boolean {
    return this.#pending !== undefined
  }

  /** The scopes that the issuer granted last. */
  get granted(): string {
    return this.#tokens?.scope ?? ''
  }

  /** Plays the browser: visits the authorization URL and returns the parameters of the redirect. */
  async visit(fetch: Fetch): Promise<URLSearchParams> {
    const url = this.#pending
    if (url === undefined) throw new Error('no login was asked for')
    this.#pending = undefined
    const response = await fetch(url, { redirect: 'manual' })
    const location = response.headers.get('location')
    await response.body?.cancel()
    if (location === null) throw new Error(`the issuer answered the login with ${response.status}`)
    const parameters = new URL(location).searchParams
    // RFC 6749 §10.12: the SDKs leave this check to the application.
    if (parameters.get('state') !== this.#state) throw new Error('the login came back with another state')
    return parameters
  }
}
