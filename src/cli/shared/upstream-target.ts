// The live server that a command is about: of a route in the file, with the credential that the gateway uses there,
// or any URL. A token comes from standard input, and goes to that server only.
import { didYouMean } from '../../config/suggest.ts'
import type { Inventory } from '../../core/manifest.ts'
import type { RouteSettings, Settings } from '../../core/settings.ts'
import { liveInventory } from '../../gateway/live-inventory.ts'
import { type UpstreamTarget, upstreamTargetOf } from '../../inspect/upstream-target.ts'
import { checkPolicies } from '../../policy/check.ts'
import { EXIT, type Io, wrongUse } from './command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from './configuration.ts'
import { printable } from './printable.ts'
import { tellLineOf } from './program-lines.ts'
import { readCa } from './read-ca.ts'
import { readToken } from './stdin-token.ts'

export const TARGET_OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  route: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  ca: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const TARGET_HELP = `  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --route NAME       a route of the file; its upstream is asked with its \`upstream_auth\`
  --url URL          any MCP server, without a file
  --ca FILE          with --url: PEM of the certificate authorities to trust instead of the usual ones
  --token -          a bearer token for that server, from standard input
  --json             print JSON`

export interface TargetArguments {
  readonly config: string
  readonly route?: string | undefined
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly ca?: string | undefined
}

export type OrExit<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: number }

/** What to ask and how; or the exit code, when the reason has been told. */
export async function findTarget(
  command: string,
  args: TargetArguments,
  io: Io,
): Promise<OrExit<UpstreamTarget>> {
  const bearer = await readToken(args.token, io)
  if (!bearer.ok) return exitWith(wrongUse(io, command, bearer.message))
  const extra = bearer.value === undefined ? {} : { authorization: `Bearer ${bearer.value}` }
  if (args.url !== undefined) {
    if (args.route !== undefined) return exitWith(wrongUse(io, command, 'takes --route or --url, not both'))
    if (!/^https?:\/\//.test(args.url) || !URL.canParse(args.url)) {
      return exitWith(wrongUse(io, command, 'expected a URL such as https://mcp.example.com/mcp'))
    }
    const ca = readCa(args.ca, io)
    if (!ca.ok) return exitWith(wrongUse(io, command, ca.message))
    return { ok: true, value: { url: args.url, headers: extra, ca: ca.value, route: undefined } }
  }
  if (args.ca !== undefined)
    return exitWith(wrongUse(io, command, 'takes --ca with --url; a route names its own'))
  const loaded = readConfiguration(args.config, io, [checkPolicies])
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return exitWith(EXIT.brokenFile)
  }
  const route = routeNamed(loaded.settings, args.route)
  if (typeof route === 'string') return exitWith(wrongUse(io, command, route))
  return { ok: true, value: upstreamTargetOf(route, extra) }
}

/** Everything the server lists; or the exit code, when the reason has been told. */
export async function askInventory(
  command: string,
  target: UpstreamTarget,
  io: Io,
): Promise<OrExit<Inventory>> {
  const taken = await liveInventory(target, tellLineOf(target.route?.name ?? '', io.stderr))
  if (taken.ok) return taken
  const where = target.route === undefined ? '' : `${target.route.name}: `
  io.stderr.write(`portcullis ${command}: ${where}${printable(taken.problem)}\n`)
  return exitWith(EXIT.finding)
}

export function exitWith(code: number): { readonly ok: false; readonly code: number } {
  return { ok: false, code }
}

function routeNamed({ routes }: Settings, name: string | undefined): RouteSettings | string {
  const names = routes.map((route) => route.name)
  const [only, ...others] = routes
  if (name === undefined && only !== undefined && others.length === 0) return only
  if (name === undefined) return `needs --route NAME, one of: ${names.join(', ')}; or --url URL`
  return (
    routes.find((route) => route.name === name) ?? `no route is called \`${name}\`${didYouMean(name, names)}`
  )
}
