// `portcullis explain`: why a call would be allowed or refused on a route, claim by claim and rule by rule. It asks the
// issuer for its keys, and about the token where the gateway would ask; the token comes from standard input only.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { didYouMean } from '../../config/suggest.ts'
import type { IssuerSettings, RouteSettings, Settings } from '../../core/settings.ts'
import { readJsonObject } from '../../lib/strict-json.ts'
import { isJwtShaped, readJws } from '../../token/read-jws.ts'
import { readArguments } from '../shared/arguments.ts'
import { createDamageReport } from '../shared/audit-damage.ts'
import { fileErrorCode } from '../shared/audit-files.ts'
import { auditSource } from '../shared/audit-source.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { MOMENT_WORDS, parseMoment } from '../shared/moments.ts'
import { formatAudit, readAudit } from './explain-audit.ts'
import { type ExplainReport, formatReport, isAllowed, scopeVerdict } from './explain-report.ts'
import { askedAudit, explainRequest } from './explain-request.ts'
import { type ExplainedToken, judgeToken, type Trusted, takesOpaque } from './explain-token.ts'
import { openPolicy } from './open-policy.ts'
import { readCall } from './read-call.ts'

const MAX_INPUT_BYTES = 64 * 1024
/** What conditions see as `request.address` here. */
const LOOPBACK = '127.0.0.1'

export const summary = 'why a call would be allowed or refused, claim by claim and rule by rule'
export const help = `portcullis explain [-c ${DEFAULT_CONFIG}] --route NAME (--token - | --claims FILE) METHOD [TARGET] [--args JSON] [--json]
portcullis explain [-c ${DEFAULT_CONFIG}] --request-id ID [--audit FILE] [--json]
portcullis explain [-c ${DEFAULT_CONFIG}] --since 24h [--audit FILE] [--route NAME] [--json]

Says whether the call would be allowed, and why: issuer, audience, expiry and scope of the token, then each rule.
Where the route has its tokens introspected, the issuer is asked, as the gateway would ask it.

  pbpaste | portcullis explain --route notes --token - tools/call purge_note
  portcullis explain --route notes --claims claims.json resources/read notes://1

With --request-id it finds the request in the audit, and says why it was allowed or refused by the policy of then (kept in
audit.policies) and by the one of the file now.

With --since it reads the audit instead, and says how much was refused, and what enforcing would have refused where something
is only observed.

  -c, --config FILE  the file (default: ./${DEFAULT_CONFIG})
  --route NAME       the route it is about
  --token -          read the token from standard input; never from the command line
  --claims FILE      claims as a JSON object, instead of a token
  --args JSON        the arguments of the call
  --request-id ID    a request in the audit: our id, or the one that the client sent
  --since TIME       read the audit from then on: 24h, yesterday, 2026-11-29
  --audit FILE       the audit file (default: that of the configuration, with those set aside)
  --json             print the whole account as JSON

Exit codes: 0 allowed, or nothing would be refused, or the request was found; 1 refused, or something would be, or not found.
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  route: { type: 'string' },
  token: { type: 'string' },
  claims: { type: 'string' },
  args: { type: 'string' },
  since: { type: 'string' },
  'request-id': { type: 'string' },
  audit: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 2)
  if (!read.ok) return wrongUse(io, 'explain', read.message)
  const { values, positionals } = read
  const [method, target] = positionals
  const requestId = values['request-id']
  if (requestId !== undefined) return await fromAudit(() => explainRequest({ ...values, requestId }, io), io)
  const { since } = values
  if (since !== undefined) return await fromAudit(() => explainAudit({ ...values, since }, io), io)
  if (method === undefined) return wrongUse(io, 'explain', 'needs a method, such as tools/call')
  const call = readCall(method, target, values.args)
  if (!call.ok) return wrongUse(io, 'explain', call.message)

  const loaded = readConfiguration(values.config, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const { settings } = loaded
  const route = settings.routes.find(({ name }) => name === values.route)
  if (route === undefined) return wrongUse(io, 'explain', routeUnknown(values.route, settings))
  const trusted = trustedBy(route, settings)
  const presented = await readPresented(values.token, values.claims, io, trusted)
  if (!presented.ok) return wrongUse(io, 'explain', presented.message)

  const now = Date.now()
  const verdict = await judgeToken(presented.value, trusted, now)
  const { policy, pin } = openPolicy(settings, route)
  const around = { now, address: LOOPBACK, route: route.name }
  const { principal, ...token } = verdict
  // Without a caller every scope would seem to be missing, and hide the real reason.
  const explanation = principal === undefined ? undefined : policy.explain(principal, call.call, around)
  const scope = explanation === undefined ? [] : [scopeVerdict(explanation)]
  const account: ExplainReport = {
    route: route.name,
    token: { ...token, claims: [...token.claims, ...scope] },
    policy: explanation,
    withheld: call.call.targets.filter((target) => pin?.allows(target) === false).map(({ name }) => name),
  }
  const allowed = isAllowed(account)
  io.stdout.write(
    values.json ? `${JSON.stringify({ allowed, ...account }, null, 2)}\n` : formatReport(account),
  )
  return allowed ? EXIT.fine : EXIT.finding
}

interface AuditOptions {
  readonly since: string
  readonly audit?: string | undefined
  readonly config: string
  readonly route?: string | undefined
  readonly json: boolean
}

async function explainAudit(options: AuditOptions, io: Io): Promise<number> {
  const since = parseMoment(options.since, 'start', Date.now())
  if (since === undefined) return wrongUse(io, 'explain', `--since takes ${MOMENT_WORDS}`)
  const source = await auditSource({ ...askedAudit(options.audit), config: options.config }, io)
  if (typeof source === 'number') return source
  const damage = createDamageReport(io)
  const report = await readAudit(source.files, { since, route: options.route }, damage)
  damage.close()
  io.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatAudit(report))
  return report.wouldRefuse.length === 0 ? EXIT.fine : EXIT.finding
}

async function fromAudit(explain: () => Promise<number>, io: Io): Promise<number> {
  try {
    return await explain()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return wrongUse(io, 'explain', `cannot read the audit file (${fileErrorCode(error)})`)
  }
}

function routeUnknown(name: string | undefined, { routes }: Settings): string {
  const names = routes.map((route) => route.name)
  if (name === undefined) return `needs --route NAME, one of: ${names.join(', ')}`
  return `no route is called \`${name}\`${didYouMean(name, names)}`
}

function trustedBy(route: RouteSettings, settings: Settings): Trusted {
  const issuers = route.issuers.flatMap((name): IssuerSettings[] => {
    const issuer = settings.issuers.get(name)
    return issuer === undefined ? [] : [issuer]
  })
  const [first, ...others] = issuers
  if (first === undefined) throw new Error('a route without issuers passed the checks')
  const url = `${settings.publicUrl}${route.path}`
  const request = { url, address: LOOPBACK }
  return { issuers: [first, ...others], audience: route.audience ?? [url], request }
}

type ReadPresented =
  | { readonly ok: true; readonly value: ExplainedToken }
  | { readonly ok: false; readonly message: string }

async function readPresented(
  token: string | undefined,
  claims: string | undefined,
  io: Io,
  { issuers }: Trusted,
): Promise<ReadPresented> {
  if ((token === undefined) === (claims === undefined))
    return wrong('needs either --token - or --claims FILE')
  if (claims !== undefined) return await readClaims(resolve(io.cwd, claims))
  // SECURITY: a token on the command line is in the shell's history and in the process list.
  if (token !== '-') return wrong('takes the token from standard input: --token -')
  const text = await readInput(io.stdin)
  if (text === undefined) return wrong('standard input is larger than 64 KiB, which is no token')
  const bare = text.trim().replace(/^bearer +/i, '')
  if (bare === '') return wrong('standard input is empty; pipe the token into it')
  const takers = issuers.filter(({ validation }) => takesOpaque(validation))
  if (!isJwtShaped(bare) && takers.length === 1) return { ok: true, value: { kind: 'opaque', token: bare } }
  const jws = readJws(bare)
  if (jws.ok) return { ok: true, value: { kind: 'token', token: bare, jws: jws.value } }
  const why = 'detail' in jws.refusal ? jws.refusal.detail : jws.refusal.reason
  return wrong(
    `the token is not a JWT that can be read (${why}), and no issuer of the route takes opaque ones`,
  )
}

async function readClaims(file: string): Promise<ReadPresented> {
  try {
    const claims = readJsonObject(await readFile(file))
    if (claims !== undefined) return { ok: true, value: { kind: 'claims', claims } }
    return wrong(`${file} does not hold one JSON object without repeated names`)
  } catch (error) {
    return wrong(
      `cannot read ${file} (${error instanceof Error && 'code' in error ? error.code : 'unknown'})`,
    )
  }
}

async function readInput(stdin: Io['stdin']): Promise<string | undefined> {
  let text = ''
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    if (text.length > MAX_INPUT_BYTES) return undefined
  }
  return text
}

function wrong(message: string): ReadPresented {
  return { ok: false, message }
}
