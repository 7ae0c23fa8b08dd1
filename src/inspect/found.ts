// The result of a look at a server: a value, or a sentence that says why there is none.

export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

export function found<T>(value: T): Found<T> {
  return { ok: true, value }
}

export function missing(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
