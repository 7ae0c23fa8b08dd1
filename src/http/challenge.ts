// Formats the WWW-Authenticate header (RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7.1); the 401 that carries it is made in
// deny.ts. One builder, so that every challenge has the same order of parameters and nothing unescaped is quoted.

export interface Challenge {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly error?: string
  readonly scope?: readonly string[]
  readonly resourceMetadata: string
  readonly description?: string
  readonly algs?: readonly string[]
}

/**
 * Real clients read `scope` and `resource_metadata` with a pattern that takes the first match anywhere, so
 * `scope` stands before the description, and the description is one of our own fixed sentences (Q-06, CHL-04).
 */
export function formatChallenge(challenge: Challenge): string {
  const parameters: string[] = []
  const add = (name: string, value: string) => parameters.push(parameter(name, value))
  if (challenge.error !== undefined) add('error', challenge.error)
  if (challenge.algs !== undefined) add('algs', challenge.algs.join(' '))
  if (challenge.error === undefined) add('resource_metadata', challenge.resourceMetadata)
  if (challenge.scope !== undefined && challenge.scope.length > 0) add('scope', challenge.scope.join(' '))
  if (challenge.error !== undefined) add('resource_metadata', challenge.resourceMetadata)
  if (challenge.description !== undefined) add('error_description', challenge.description)
  return `${challenge.scheme} ${parameters.join(', ')}`
}

/** R17: the same for a tool result, in the order of the one client that reads it there, which wants all of it. */
export function formatInBandChallenge(challenge: Required<Pick<Challenge, InBand>>): string {
  const { resourceMetadata, description, scope } = challenge
  const parameters = [
    parameter('resource_metadata', resourceMetadata),
    parameter('error', 'insufficient_scope'),
    parameter('error_description', description),
    ...(scope.length > 0 ? [parameter('scope', scope.join(' '))] : []),
  ]
  return `Bearer ${parameters.join(', ')}`
}

type InBand = 'resourceMetadata' | 'description' | 'scope'

function parameter(name: string, value: string): string {
  return `${name}="${quotable(value)}"`
}

const MAX_VALUE_CHARACTERS = 4_096

/** RFC 6750 §3: %x20-21 / %x23-5B / %x5D-7E, so neither quote nor backslash; anything else becomes a space. */
function quotable(value: string): string {
  return value.slice(0, MAX_VALUE_CHARACTERS).replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, ' ')
}
