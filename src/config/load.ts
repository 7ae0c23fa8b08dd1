// File → Settings, or everything that is wrong with it. One read and one parse (Y30): what was checked is what is
// served, and `check` and `run` call the same function (Y27). It keeps no state and logs nothing.
import { readFileSync, statSync } from 'node:fs'
import type { Document } from 'yaml'
import { type Finding, isProgram, type Settings } from '../core/settings.ts'
import { checkAdmin } from './check-admin.ts'
import { checkApprovals } from './check-approvals.ts'
import { checkAuthorizationServer } from './check-as.ts'
import { checkBranding } from './check-branding.ts'
import { checkBrowser } from './check-browser.ts'
import { checkExposure } from './check-exposure.ts'
import { checkIssuers } from './check-issuers.ts'
import { checkNames } from './check-names.ts'
import { checkPaths } from './check-paths.ts'
import { checkPrograms } from './check-programs.ts'
import { checkRemotePolicies } from './check-remote.ts'
import { checkShares } from './check-shares.ts'
import { checkState } from './check-state.ts'
import { checkTelemetry } from './check-telemetry.ts'
import { checkUpstreamAuth } from './check-upstream-auth.ts'
import { checkVerifierSettings, refuseCustomVerifiers } from './check-verifier.ts'
import { checkWorkers } from './check-workers.ts'
import { type Flaw, parseText } from './document.ts'
import { reasonOf } from './expand.ts'
import type { Path } from './expansion-sites.ts'
import { writersOf } from './file-trust.ts'
import { compareProblems, type Problem, problemOfFile, problemsIn, type Range } from './problem.ts'
import { consequencesOf, repair } from './repair.ts'
import { resolvePaths } from './resolve-paths.ts'
import { resolvePrograms } from './resolve-programs.ts'
import { resolveTelemetry } from './resolve-telemetry.ts'
import { gateway } from './schema.ts'
import { type SchemaError, toSchemaErrors } from './schema-errors.ts'
import { type Note, rangeAt, readValues, UNREADABLE } from './values.ts'
import { rangeWithin } from './within.ts'

export type ConfigCheck = (settings: Settings) => readonly Finding[]

export interface LoadOptions {
  /** Path of gateway.yaml; relative paths in it start from its folder. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Checks of other parts, such as shadowed rules; run together with our own. */
  readonly checks?: readonly ConfigCheck[]
  /** Whether `verifier: custom` is allowed: by default it is not, since only a program can bring the function. */
  readonly customVerifiers?: boolean
}

/**
 * `files`: those beside gateway.yaml whose change is a change of the configuration: secrets, certificates, manifests,
 * images. Of a configuration that is refused too, since one of them may be what was wrong.
 */
export type LoadedConfig =
  | {
      readonly ok: true
      readonly settings: Settings
      readonly warnings: readonly Problem[]
      readonly files: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly files: readonly string[] }

const MAX_FILE_BYTES = 16 * 1024 * 1024
/** Each round removes one more level. */
const MAX_REPAIRS = 4
const WORLD_WRITABLE = 0o002
const OWN_CHECKS: readonly ConfigCheck[] = [
  checkNames,
  checkPaths,
  checkIssuers,
  checkVerifierSettings,
  checkRemotePolicies,
  checkApprovals,
  checkAuthorizationServer,
  checkBranding,
  checkBrowser,
  checkAdmin,
  checkExposure,
  checkShares,
  checkWorkers,
  checkState,
  checkTelemetry,
  checkPrograms,
  checkUpstreamAuth,
]

export function loadConfig(options: LoadOptions): LoadedConfig {
  const { file } = options
  const broken = (message: string): LoadedConfig => ({
    ok: false,
    problems: [problemOfFile(file, 'error', message)],
    files: [],
  })
  try {
    const status = statSync(file)
    // Y25
    if (!status.isFile()) return broken('not a regular file')
    if (status.size > MAX_FILE_BYTES) return broken(`larger than ${MAX_FILE_BYTES / 1024 ** 2} MiB`)
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
    const loaded = parseConfig(text, options)
    const trusted = loaded.ok ? withTrustedPrograms(loaded, file) : loaded
    return (status.mode & WORLD_WRITABLE) === 0 ? trusted : withWritableWarning(trusted, file)
  } catch (error) {
    const reason = reasonOf(error)
    return broken(
      reason === 'ENOENT'
        ? 'there is no such file; name one with -c, or begin one with `portcullis init`'
        : `cannot be read: ${reason}`,
    )
  }
}

/** Whoever may write `command` runs programs as the gateway. */
function withTrustedPrograms(loaded: Extract<LoadedConfig, { ok: true }>, file: string): LoadedConfig {
  if (!loaded.settings.routes.some(({ upstream }) => isProgram(upstream))) return loaded
  const why = writersOf(file)
  if (why === undefined) return loaded
  const message = `\`command\` decides what is run, so nobody else may write this file: ${why}`
  const problems = [problemOfFile(file, 'error', message), ...loaded.warnings]
  return { ok: false, problems, files: loaded.files }
}

/** Y26 */
function withWritableWarning(loaded: LoadedConfig, file: string): LoadedConfig {
  const warning = problemOfFile(file, 'warning', 'everyone on this machine may write this file; chmod o-w')
  return loaded.ok
    ? { ...loaded, warnings: [warning, ...loaded.warnings] }
    : { ...loaded, problems: [warning, ...loaded.problems] }
}

/** Reads text that the caller already has. `options.file` names it in problems. */
export function parseConfig(text: string, options: LoadOptions): LoadedConfig {
  const { document, flaws, usable } = parseText(text)
  const toProblem = problemsIn(options.file, text)
  const at = ({ range, severity, message }: Note): Problem => toProblem(range, severity, message)
  const errors = flaws.map((flaw: Flaw): Note => ({ ...flaw, severity: 'error' }))
  if (!usable) return { ok: false, problems: errors.map(at).sort(compareProblems), files: [] }

  const values = readValues(document, options)
  const judged = judge(values.root, options)
  const schemaNotes = judged.schemaErrors.map((schemaError) => noteOfSchemaError(document, schemaError))
  const findings = judged.findings.map((finding) => noteOfFinding(document, text, finding))
  const problems = [...errors, ...values.notes, ...schemaNotes, ...findings].map(at).sort(compareProblems)

  const { settings, mended } = judged
  const files = [...values.files, ...namedFiles(settings ?? mended)]
  if (settings === undefined || problems.some((problem) => problem.severity === 'error')) {
    return { ok: false, problems, files }
  }
  return { ok: true, settings, warnings: problems, files }
}

/** Certificates of the listener, manifests and images. */
function namedFiles(settings: Settings | undefined): readonly string[] {
  if (settings === undefined) return []
  const { tls, branding, routes } = settings
  const ofRoutes = routes.flatMap(({ manifest, icon }) => [manifest?.file, icon])
  return [tls?.cert, tls?.key, branding?.logo, ...ofRoutes].filter((file) => file !== undefined)
}

interface Judged {
  readonly settings: Settings | undefined
  /** What is left of settings that are wrong, once what is wrong was taken out. */
  readonly mended?: Settings | undefined
  readonly schemaErrors: readonly SchemaError[]
  readonly findings: readonly Finding[]
}

function judge(root: unknown, { file, env, checks = [], customVerifiers = false }: LoadOptions): Judged {
  const resolved = (settings: Settings) =>
    resolveTelemetry(resolvePrograms(resolvePaths(settings, file), { file, env }), env)
  const all = [...OWN_CHECKS, ...(customVerifiers ? [] : [refuseCustomVerifiers]), ...checks]
  const parsed = gateway.safeParse(root)
  if (parsed.success) {
    const settings = resolved(parsed.data)
    return { settings, schemaErrors: [], findings: all.flatMap((check) => check(settings)) }
  }
  const schemaErrors = toSchemaErrors(parsed.error.issues, root)
  const spoilt = [...schemaErrors, ...unreadable(root, [])]
  const left = repairedWithout(root, spoilt)
  const mended = left && resolved(left)
  const isConsequence = consequencesOf(spoilt)
  const findings = mended === undefined ? [] : all.flatMap((check) => check(mended))
  return {
    settings: undefined,
    mended,
    schemaErrors,
    findings: findings.filter((found) => !isConsequence(found)),
  }
}

/** Undefined when too little is left to check. */
function repairedWithout(root: unknown, spoilt: readonly SchemaError[]): Settings | undefined {
  let mended = root
  let next = spoilt
  for (let round = 0; round < MAX_REPAIRS; round++) {
    mended = repair(
      mended,
      next.map((schemaError) => schemaError.path),
    )
    const parsed = gateway.safeParse(mended)
    if (parsed.success) return parsed.data
    next = toSchemaErrors(parsed.error.issues, mended)
  }
  return undefined
}

/** Values that were refused when they were read: already reported, and to be repaired like the others. */
function unreadable(value: unknown, path: Path): SchemaError[] {
  if (value === UNREADABLE) return [{ path, at: 'value', kind: 'wrong', message: '' }]
  if (typeof value !== 'object' || value === null) return []
  const list = Array.isArray(value)
  if (!list && Object.getPrototypeOf(value) !== null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    unreadable(member, [...path, list ? Number(key) : key]),
  )
}

function noteOfSchemaError(document: Document.Parsed, schemaError: SchemaError): Note {
  const path = schemaError.kind === 'missing' ? schemaError.path.slice(0, -1) : schemaError.path
  const range: Range = rangeAt(document, path, schemaError.at)
  return { range, severity: 'error', message: schemaError.message }
}

function noteOfFinding(document: Document.Parsed, text: string, finding: Finding): Note {
  const { path, severity, message, within } = finding
  const whole = rangeAt(document, path, 'value')
  if (within === undefined) return { range: whole, severity, message }
  const part = rangeWithin(text, whole, within)
  if (part !== undefined) return { range: part, severity, message }
  return { range: whole, severity, message: `${message} (at character ${within.start + 1} of the text)` }
}
