// The OAuth provider that the demo hands to both official SDKs. It keeps everything in memory, and where a real
// client opens a browser it hands the address to whoever plays the person.
import { randomUUID } from 'node:crypto'
import type { OAuthDiscoveryState } from '@modelcontextprotocol/client'

/** Nothing listens there: the demo reads the redirect instead of following it. */
export const REDIRECT_URL = 'http://127.0.0.1/callback'

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

/** Goes where the SDK would send a browser; the result is where the browser is sent back to. */
export type Browse = (url: URL) => Promise<URL>

export interface DemoLoginOptions {
  readonly clientName: string
  readonly grantTypes: readonly string[]
  readonly browse: Browse
  /** The client's metadata document, when it has one: then it registers nowhere. */
  readonly documentUrl?: string
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
  /** Read by the SDKs (Client ID Metadata Documents). */
  readonly clientMetadataUrl?: string
  readonly #browse: Browse
  #client: ClientInformation | undefined
  #tokens: Tokens | undefined
  #verifier = ''
  #state = ''
  #discovery: OAuthDiscoveryState | undefined
  #pending: URL | undefined

  constructor({ clientName, grantTypes, browse, documentUrl }: DemoLoginOptions) {
    this.#browse = browse
    if (documentUrl !== undefined) this.clientMetadataUrl = documentUrl
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

  /** The SDK found that the issuer does not take them any more. */
  invalidateCredentials(what: string): void {
    if (what === 'all' || what === 'tokens') this.#tokens = undefined
    if (what === 'all' || what === 'client') this.#client = undefined
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

  /** As if the access token had run out. */
  spoilAccessToken(): void {
    if (this.#tokens !== undefined) this.#tokens = { ...this.#tokens, access_token: 'run-out' }
  }

  /** Claims of the access token, unverified; never to be printed whole. */
  claims(): Readonly<Record<string, unknown>> {
    const [, payload = ''] = this.#tokens?.access_token.split('.') ?? []
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>
  }

  /** Plays the person: goes to the authorization URL and returns the parameters of the redirect. */
  async visit(): Promise<URLSearchParams> {
    const url = this.#pending
    if (url === undefined) throw new Error('no login was asked for')
    this.#pending = undefined
    const { searchParams: parameters } = await this.#browse(url)
    // RFC 6749 §10.12: the SDKs leave this check to the application.
    if (parameters.get('state') !== this.#state) throw new Error('the login came back with another state')
    return parameters
  }
}
