// Form and query parameters of the local development issuer, read so that nothing is ambiguous.

/** Parameters that may not be repeated; `resource` may (RFC 8707 §2), and is judged by its readers. */
export function repeatedParameter(form: URLSearchParams): string | undefined {
  const seen = new Set<string>()
  for (const name of form.keys()) {
    // A04, A38, OAuth 2.1 §3.1: parameters must not be included more than once.
    if (seen.has(name) && name !== 'resource') return name
    seen.add(name)
  }
  return undefined
}

/** The value of a parameter; an empty one counts as absent (OAuth 2.1 §3.1). */
export function singleParameter(form: URLSearchParams, name: string): string | undefined {
  const value = form.get(name)
  return value === null || value === '' ? undefined : value
}
