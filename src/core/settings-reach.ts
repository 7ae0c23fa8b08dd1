// How the gateway reaches an issuer or a provider, where that is not the way of browsers.

/** Addresses for the gateway alone, instead of those in the metadata. */
export interface EndpointOverrides {
  readonly metadata: string | undefined
  readonly jwksUri: string | undefined
  readonly tokenEndpoint: string | undefined
  readonly userinfoEndpoint: string | undefined
}

export interface ReachSettings {
  /** PEM text of the certificate authorities to trust instead of the usual ones. */
  readonly ca?: string | undefined
  readonly overrides?: EndpointOverrides | undefined
}
