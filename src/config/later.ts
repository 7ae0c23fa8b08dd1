// Keys and values that a later version may read. They are refused, with a kinder message.

const LATER_VALUES: ReadonlySet<unknown> = new Set(['token_exchange', 'assertion'])

export function isLaterValue(value: unknown): boolean {
  return LATER_VALUES.has(value)
}
