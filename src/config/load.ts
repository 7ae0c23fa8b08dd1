// File → Settings, or everything that is wrong with it. One read and one parse (Y30): what was checked is what is
// served, and `check` and `run` call the same function (Y27). It keeps no state and logs nothing.
import { readFileSync, statSync } from 'node:fs'
import type { Document } from 'yaml'
import type { Finding, Settings } from '../core/settings.ts'
import { anchor } from './anchor.ts'
import { checkAuthorizationServer } from './check-as.ts'
import { checkBrowser } from './check-browser.ts'
import { checkExposure } from './check-exposure.ts'
import { checkIssuers } from './check-issuers.ts'
import { checkJudges } from './check-judges.ts'
import { checkNames } from './check-names.ts'
import { checkPaths } from './check-paths.ts'
import { checkRemotePolicies } from './check-remote.ts'
import { checkShares } from './check-shares.ts'
import { type Complaint, toComplaints } from './complaints.ts'
import { type Flaw, parseText } from './document.ts'
import { reasonOf } from './expand.ts'
import type { Path } from './places.ts'
import { compareProblems, type Problem, problemAt, problemOfFile, type Range } from './problem.ts'
import { isConsequence, repair } from './repair.ts'
import { gateway } from './schema.ts'
import { type Note, rangeAt, readValues, UNREADABLE } from './values.ts'
import { rangeWithin } from './within.ts'

export type Check = (settings: Settings) => readonly Finding[]

export interface LoadOptions {
  /** Path of gateway.yaml; relative paths in it start from its folder. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Checks of other parts, such as shadowed rules; run together with our own. */
  readonly checks?: readonly Check[]
}

export type Loaded =
  | {
      readonly ok: true
      readonly settings: Settings
      readonly warnings: readonly Problem[]
      /** Files whose change is a change of the configuration: secrets, certificates, manifests. */
      readonly files: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const MAX_FILE_BYTES = 1024 * 1024
/** Each round removes one more level. */
const MAX_REPAIRS = 4
const WORLD_WRITABLE = 0o002
const OWN_CHECKS: readonly Check[] = [
  checkNames,
  checkPaths,
  checkIssuers,
  checkJudges,
  checkRemotePolicies,
  checkAuthorizationServer,
  checkBrowser,
  checkExposure,
  checkShares,
]

export function loadConfig(options: LoadOptions): Loaded {
  const { file } = options
  const broken = (message: string): Loaded => ({
    ok: false,
    problems: [problemOfFile(file, 'error', message)],
  })
  try {
    const status = statSync(file)
    // Y25
    if (!status.isFile()) return broken('not a regular file')
    if (status.size > MAX_FILE_BYTES) return broken('larger than 1 MiB')
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
    const loaded = parseConfig(text, options)
    return (status.mode & WORLD_WRITABLE) === 0 ? loaded : withWritableWarning(loaded, file)
  } catch (error) {
    const reason = reasonOf(error)
    return broken(
      reason === 'ENOENT'
        ? 'there is no such file; name one with -c, or begin one with `portcullis init`'
        : `cannot be read: ${reason}`,
    )
  }
}

/** Y26 */
function withWritableWarning(loaded: Loaded, file: string): Loaded {
  const warning = problemOfFile(file, 'warning', 'everyone on this machine may write this file; chmod o-w')
  return loaded.ok
    ? { ...loaded, warnings: [warning, ...loaded.warnings] }
    : { ...loaded, problems: [warning, ...loaded.problems] }
}

/** The same for text that is already in hand. `options.file` names it in problems. */
export function parseConfig(text: string, options: LoadOptions): Loaded {
  const { document, flaws, usable } = parseText(text)
  const at = (note: Note): Problem => problemAt(options.file, text, note.range, note.severity, note.message)
  const errors = flaws.map((flaw: Flaw): Note => ({ ...flaw, severity: 'error' }))
  if (!usable) return { ok: false, problems: errors.map(at).sort(compareProblems) }

  const values = readValues(document, options)
  const judged = judge(values.root, options)
  const complaints = judged.complaints.map((complaint) => noteOfComplaint(document, complaint))
  const findings = judged.findings.map((finding) => noteOfFinding(document, text, finding))
  const problems = [...errors, ...values.notes, ...complaints, ...findings].map(at).sort(compareProblems)

  if (judged.settings === undefined || problems.some((problem) => problem.severity === 'error')) {
    return { ok: false, problems }
  }
  const manifests = judged.settings.routes.flatMap(({ manifest }) => (manifest ? [manifest.file] : []))
  return { ok: true, settings: judged.settings, warnings: problems, files: [...values.files, ...manifests] }
}

interface Judged {
  readonly settings: Settings | undefined
  readonly complaints: readonly Complaint[]
  readonly findings: readonly Finding[]
}

function judge(root: unknown, { file, checks = [] }: LoadOptions): Judged {
  const all = [...OWN_CHECKS, ...checks]
  const parsed = gateway.safeParse(root)
  if (parsed.success) {
    const settings = anchor(parsed.data, file)
    return { settings, complaints: [], findings: all.flatMap((check) => check(settings)) }
  }
  const complaints = toComplaints(parsed.error.issues, root)
  const spoilt = [...complaints, ...unreadable(root, [])]
  const mended = mend(root, spoilt)
  const findings = mended === undefined ? [] : all.flatMap((check) => check(anchor(mended, file)))
  return {
    settings: undefined,
    complaints,
    findings: findings.filter((found) => !isConsequence(found, spoilt)),
  }
}

/** Undefined when too little is left to check. */
function mend(root: unknown, spoilt: readonly Complaint[]): Settings | undefined {
  let mended = root
  let next = spoilt
  for (let round = 0; round < MAX_REPAIRS; round++) {
    mended = repair(
      mended,
      next.map((complaint) => complaint.path),
    )
    const parsed = gateway.safeParse(mended)
    if (parsed.success) return parsed.data
    next = toComplaints(parsed.error.issues, mended)
  }
  return undefined
}

/** Values that were refused when they were read: already reported, and to be repaired like the others. */
function unreadable(value: unknown, path: Path): Complaint[] {
  if (value === UNREADABLE) return [{ path, at: 'value', kind: 'wrong', message: '' }]
  if (typeof value !== 'object' || value === null) return []
  const list = Array.isArray(value)
  if (!list && Object.getPrototypeOf(value) !== null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    unreadable(member, [...path, list ? Number(key) : key]),
  )
}

function noteOfComplaint(document: Document.Parsed, complaint: Complaint): Note {
  const path = complaint.kind === 'missing' ? complaint.path.slice(0, -1) : complaint.path
  const range: Range = rangeAt(document, path, complaint.at)
  return { range, severity: 'error', message: complaint.message }
}

function noteOfFinding(document: Document.Parsed, text: string, finding: Finding): Note {
  const { path, severity, message, within } = finding
  const whole = rangeAt(document, path, 'value')
  if (within === undefined) return { range: whole, severity, message }
  const part = rangeWithin(text, whole, within)
  if (part !== undefined) return { range: part, severity, message }
  return { range: whole, severity, message: `${message} (at character ${within.start + 1} of the text)` }
}
