// What a program finds in its environment: little of the gateway's own, what the file says, and who calls, in the same
// encoding as in headers. A value that cannot stand in an environment is left out.
import { claimAt } from '../../core/claim-path.ts'
import { Secret } from '../../core/secret.ts'
import type { CallerVariable, ProgramSettings } from '../../core/settings-program.ts'
import { claimValue, encodeIdentity } from '../identity-headers.ts'
import type { ProgramCaller } from './program-request.ts'

export interface ProgramEnvironment {
  readonly variables: Readonly<Record<string, string>>
  /** What must not be printed. */
  readonly secrets: readonly string[]
  /** The same text for callers who get the same values, and for no others. */
  readonly key: string
}

/** Shorter ones stand in too many words to be looked for. */
const LEAST_SECRET = 4

export function environmentFor(
  { inherited, env, runAs }: Pick<ProgramSettings, 'inherited' | 'env' | 'runAs'>,
  principal: ProgramCaller | undefined,
): ProgramEnvironment {
  const variables: Record<string, string> = { ...inherited }
  if (runAs?.home !== undefined) variables['HOME'] = runAs.home
  const own: Record<string, string> = {}
  for (const [name, variable] of Object.entries(env)) {
    if (variable instanceof Secret) variables[name] = variable.reveal()
    else {
      const value = principal && knownOf(variable, principal)
      if (value !== undefined) own[name] = value
    }
  }
  const secrets = Object.keys(env).flatMap((name) => own[name] ?? variables[name] ?? [])
  return {
    variables: { ...variables, ...own },
    secrets: secrets.filter(({ length }) => length >= LEAST_SECRET),
    key: JSON.stringify(own),
  }
}

function knownOf(variable: CallerVariable, principal: ProgramCaller): string | undefined {
  if ('claim' in variable) return claimValue(claimAt(principal.claims, variable.claim))
  const { subject, clientId, issuer } = principal
  const said = { subject, client: clientId, issuer }[variable.principal]
  return said === undefined ? undefined : encodeIdentity(said)
}
