// Keys and values that a later version may read. They are refused, with a kinder message.

const RESERVED_WORDS: ReadonlySet<unknown> = new Set(['token_exchange', 'client_credentials', 'cross_app'])

export function isReservedWord(value: unknown): boolean {
  return RESERVED_WORDS.has(value)
}
