// Where a claim stands: by its whole name (`https://x.example/roles`), else by its path (`realm_access.roles`).

/** Own members only. Undefined when it is not there. */
export function claimAt(claims: unknown, path: string): unknown {
  const whole = memberOf(claims, path)
  return whole === undefined && path.includes('.') ? path.split('.').reduce(memberOf, claims) : whole
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
