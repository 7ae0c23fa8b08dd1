// Watches what the demo's clients do on the wire: a fetch that notes each exchange and changes nothing. It keeps no
// bodies and no request headers, so a token never reaches the transcript.

const MAX_EXCHANGES = 1000

export interface WireExchange {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly status: number
  /** The WWW-Authenticate field. */
  readonly challenge: string | undefined
}

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

export interface Wire {
  readonly fetch: Fetch
  /** Exchanges since the last call, oldest first. */
  take(): readonly WireExchange[]
}

export function createWire(): Wire {
  let exchanges: WireExchange[] = []
  return {
    async fetch(url, init) {
      const response = await fetch(url, init)
      exchanges.push({
        method: init?.method ?? 'GET',
        url: String(url),
        path: new URL(url).pathname,
        status: response.status,
        challenge: response.headers.get('www-authenticate') ?? undefined,
      })
      exchanges = exchanges.slice(-MAX_EXCHANGES)
      return response
    },
    take() {
      const taken = exchanges
      exchanges = []
      return taken
    },
  }
}

/** One `name="value"` of a challenge (RFC 9110 §11.2); enough for the challenges that we write ourselves. */
export function challengeParameter(challenge: string | undefined, name: string): string | undefined {
  return new RegExp(`[ ,]${name}="([^"]*)"`).exec(challenge ?? '')?.[1]
}
