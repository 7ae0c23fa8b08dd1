// An OAuth provider for the official clients that notes which scopes they ask a person for, and never logs in.
const REDIRECT_URL = 'http://127.0.0.1/callback'

export class LoginProvider {
  readonly redirectUrl = REDIRECT_URL
  readonly clientMetadata = {
    client_name: 'test',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  /** The `scope` of each authorization request, in order. */
  readonly asked: (string | null)[] = []
  readonly #tokens: { readonly access_token: string; readonly scope: string; readonly issuer: string }

  constructor(tokens: { readonly access_token: string; readonly scope: string; readonly issuer: string }) {
    this.#tokens = tokens
  }

  clientInformation() {
    return { client_id: 'client-1', issuer: this.#tokens.issuer } // SEP-2352
  }

  tokens() {
    return { token_type: 'Bearer', ...this.#tokens }
  }

  saveTokens(): void {}

  saveCodeVerifier(): void {}

  codeVerifier(): string {
    return ''
  }

  redirectToAuthorization(url: URL): void {
    this.asked.push(url.searchParams.get('scope'))
  }
}
