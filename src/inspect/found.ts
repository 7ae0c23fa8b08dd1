// What looking at a server brings: a value, or a sentence for the person who asked why there is none.

export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

export function found<T>(value: T): Found<T> {
  return { ok: true, value }
}

export function missing(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
