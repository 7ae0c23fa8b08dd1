// Words of the design that this version does not read yet. They are unknown keys, with a kinder message.

const LATER_KEYS: ReadonlySet<string> = new Set(['manifest'])
const LATER_VALUES: ReadonlySet<unknown> = new Set(['token_exchange', 'assertion'])

export function isLaterKey(key: string): boolean {
  return LATER_KEYS.has(key)
}

export function isLaterValue(value: unknown): boolean {
  return LATER_VALUES.has(value)
}
