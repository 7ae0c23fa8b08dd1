// Servers that are programs: what the file says of them must be possible here, and what they can reach is told. A program of
// the gateway's user reads whatever that user may read.
import { statSync } from 'node:fs'
import { getuid } from 'node:process'
import { Secret } from '../core/secret.ts'
import { type Finding, isProgram, type RouteSettings, type Settings } from '../core/settings.ts'
import type { ProgramSettings } from '../core/settings-program.ts'

type Path = Finding['path']

const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })
const warning = (path: Path, message: string): Finding => ({ severity: 'warning', path, message })

export function checkPrograms(settings: Settings): Finding[] {
  return settings.routes.flatMap((route, index) => {
    const { upstream } = route
    if (!isProgram(upstream)) return []
    const at = ['routes', index]
    return [
      ...impossible(upstream, at),
      ...headers(route, at),
      ...readable(settings, upstream, at),
      ...apart(settings, at),
    ]
  })
}

function impossible({ cwd, runAs }: ProgramSettings, at: Path): Finding[] {
  const findings: Finding[] = []
  if (!isFolder(cwd)) findings.push(error([...at, 'upstream', 'cwd'], `${cwd} is no folder`))
  const own = getuid?.()
  if (runAs !== undefined && own !== 0 && own !== runAs.uid) {
    const message =
      'only root may start programs as somebody else; leave it out, or run the gateway as this user'
    findings.push(error([...at, 'upstream', 'user'], message))
  }
  return findings
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A program gets no headers. */
function headers({ upstreamAuth, identityClaims = {} }: RouteSettings, at: Path): Finding[] {
  const findings: Finding[] = []
  if (upstreamAuth.length > 0) {
    const message = 'a program gets no headers, and no tokens; give it what it needs with `upstream.env`'
    findings.push(error([...at, 'upstream_auth'], message))
  }
  if (Object.keys(identityClaims).length > 0) {
    const message = 'a program gets no headers; say who calls with `upstream.env: { NAME: { claim: … } }`'
    findings.push(error([...at, 'identity', 'claims'], message))
  }
  return findings
}

function readable(settings: Settings, { runAs, env }: ProgramSettings, at: Path): Finding[] {
  const own = getuid?.()
  if (runAs !== undefined && runAs.uid !== own) return []
  const held = [
    ...(settings.authorizationServer === undefined ? [] : ['the data of the authorization server']),
    ...(settings.tls === undefined ? [] : ['the key for TLS']),
    ...(holdsSecret(settings, new Set(Object.values(env))) ? ['secrets of this file'] : []),
  ]
  if (held.length === 0) return []
  const message = `this program runs as the gateway's own user, who may read ${held.join(', ')}; name another with \`user\`, or see docs/programs.md`
  return [warning([...at, 'upstream', 'command'], message)]
}

/** Beside those that the program is given. */
function holdsSecret(value: unknown, given: ReadonlySet<unknown>): boolean {
  if (value instanceof Secret) return !given.has(value)
  if (value instanceof Map) return holdsSecret([...value.values()], given)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((member) => holdsSecret(member, given))
}

/** Workers have the programs of their primary; replicas each have their own. */
function apart({ state }: Settings, at: Path): Finding[] {
  if (state === undefined) return []
  const message =
    'a session lives at the gateway where it began; let the balancer send all requests with one Mcp-Session-Id to one gateway'
  return [warning([...at, 'upstream', 'command'], message)]
}
