// Scope sets and the expressions that policies are written in. The only place that splits on a space.

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** `any`: one of them is enough; `all`: each is needed. Members may nest; neither list is ever empty. */
export type ScopeExpression =
  | string
  | { readonly any: readonly ScopeExpression[] }
  | { readonly all: readonly ScopeExpression[] }

export function isScopeToken(text: string): boolean {
  return SCOPE_TOKEN.test(text)
}

/** Splits an OAuth `scope` string on single spaces. Undefined when a part is not a scope token. */
export function parseScope(text: string): string[] | undefined {
  if (text === '') return []
  const parts = text.split(' ')
  return parts.every(isScopeToken) ? parts : undefined
}

export function formatScope(scopes: Iterable<string>): string {
  return [...scopes].join(' ')
}

/** Every scope an expression names, in file order, without repeats. */
export function scopesNamed(expression: ScopeExpression): string[] {
  if (typeof expression === 'string') return [expression]
  const members = 'any' in expression ? expression.any : expression.all
  return [...new Set(members.flatMap(scopesNamed))]
}
