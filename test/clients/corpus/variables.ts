// What differs from run to run in the requests of a client, under a name: `{origin}`, `{code}`, `{access_token}`. A
// recording is written with the names, a replay with what they stand for now.

export class Variables extends Map<string, string> {
  readonly #makers = new Map<string, () => string>()

  /** Another value at each use. */
  make(name: string, maker: () => string): void {
    this.#makers.set(name, maker)
  }

  override get(name: string): string | undefined {
    return this.#makers.get(name)?.() ?? super.get(name)
  }
}

const NAME = /\{([a-z_]+)\}/g

/** The same with every name replaced; throws where nothing is known under a name. */
export function fill<T>(value: T, variables: Variables): T {
  return mapTexts(value, (text) =>
    text.replace(NAME, (whole, name: string) => {
      if (name === 'any') return whole
      const known = variables.get(name)
      if (known === undefined) throw new Error(`nothing is known of {${name}} here`)
      return known
    }),
  )
}

/** The same with the names in place of what they stand for, the longest first. */
export function nameAll<T>(value: T, variables: Variables): T {
  const known = [...variables].sort(([, one], [, other]) => other.length - one.length)
  return mapTexts(value, (text) => {
    let named = text
    for (const [name, worth] of known) if (worth !== '') named = named.replaceAll(worth, `{${name}}`)
    return named
  })
}

function mapTexts<T>(value: T, map: (text: string) => string): T {
  if (typeof value === 'string') return map(value) as T
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, map)])) as T
}
