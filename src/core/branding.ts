// How the pages for people present whoever runs the gateway, and the servers behind it. Values only; images are whole.

/** An image of ours to show: `data:`, with the type that its bytes have. */
export type ImageUrl = `data:image/${string}`

export interface Branding {
  /** Host of `public_url`, with its port: it stands on each page, whatever the name says. */
  readonly host: string
  readonly name?: string | undefined
  readonly logo?: ImageUrl | undefined
  /** An https URL, or `mailto:`. */
  readonly support?: string | undefined
  readonly privacy?: string | undefined
  readonly terms?: string | undefined
  /** `#rrggbb` */
  readonly colour?: string | undefined
}

/** What tools do at worst: change something, take away what does not come back, or run commands and give out secrets. */
export type ToolDanger = 'writing' | 'destructive' | 'sensitive'
