// What conditions see beside JSON's own values: a point in time, and objects told from it.
/** A point in time, in epoch milliseconds. */
export class Instant {
  readonly ms: number

  constructor(ms: number) {
    this.ms = ms
  }
}

/** A JSON object as conditions see it: own members only. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Instant)
}
