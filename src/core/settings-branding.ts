// How the pages for people show who runs the gateway, after the file was parsed.

export interface BrandingSettings {
  readonly name?: string | undefined
  /** Absolute path of an image. */
  readonly logo?: string | undefined
  /** An https URL, or `mailto:`. */
  readonly support?: string | undefined
  readonly privacy?: string | undefined
  readonly terms?: string | undefined
  /** `#rrggbb`, in small letters. */
  readonly colour?: string | undefined
}

/** How a route shows its server. */
export interface ServerBranding {
  /** What people are told that the server is called. */
  readonly title?: string
  /** Absolute path of an image. */
  readonly icon?: string
}
