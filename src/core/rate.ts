// How often something may happen.

/** `10/min` is `{ count: 10, seconds: 60 }`. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}
