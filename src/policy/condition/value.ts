// The values that conditions see beside JSON's own: a point in time; and a test for objects.
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
