// `portcullis explain --request-id ID`: finds a request in the audit and tells again why it was allowed or refused, by the
// policy that decided then and by the one of the configuration now. It asks no issuer and no server.
import type { RouteSettings, Settings } from '../../core/settings.ts'
import { fitsFilter } from '../../observe/audit-filter.ts'
import { isDecision, namesIn, textIn } from '../../observe/audit-record.ts'
import { readArchivedPolicy } from '../../observe/policy-archive.ts'
import { type CompiledPolicy, compilePolicy } from '../../policy/compile.ts'
import { type PolicyOptions, readKeptPolicy } from '../../policy/kept-policy.ts'
import { compileAudience } from '../../token/audience.ts'
import { createDamageReport } from '../shared/audit-damage.ts'
import { type AuditFileLine, isDamage } from '../shared/audit-lines.ts'
import { auditLinesOf, inOrder } from '../shared/audit-merge.ts'
import { type AuditAsked, auditSourceIn } from '../shared/audit-source.ts'
import { EXIT, type Io } from '../shared/command.ts'
import { printProblems, readConfiguration } from '../shared/configuration.ts'
import { formatRequest, type JudgedRequest, type PolicyAccount } from './explain-request-report.ts'
import { openPolicy } from './open-policy.ts'
import { answersIn, questionsIn, type RecordedAnswers, reachedPolicy } from './recorded-question.ts'
import { rejudge } from './rejudge.ts'

export interface RequestOptions {
  readonly requestId: string
  readonly audit?: string | undefined
  readonly config: string
  readonly json: boolean
}

/** A client may send one id with several requests: so many are told, the newest. */
const MAX_REQUESTS = 10

/** Which audit a command of this name reads. */
export function askedAudit(audit: string | undefined): AuditAsked {
  return { command: 'explain', named: audit === undefined ? [] : [audit], cure: 'needs --audit FILE' }
}

/** Throws what opening or reading a file throws. */
export async function explainRequest(options: RequestOptions, io: Io): Promise<number> {
  const loaded = readConfiguration(options.config, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const source = await auditSourceIn(loaded.settings, askedAudit(options.audit), io)
  if (typeof source === 'number') return source
  const { files } = source
  const { lines, older } = await findRequests(files, options.requestId, io)
  if (lines.length === 0) {
    io.stderr.write(`portcullis explain: no request has this id in ${files.length} audit files\n`)
    return EXIT.finding
  }
  if (older > 0)
    io.stderr.write(`the newest ${lines.length} with this id are told; ${older} older ones are left out\n`)
  const accounts = lines.map((line) => judgeLine(line, loaded.settings))
  io.stdout.write(
    options.json ? `${JSON.stringify(accounts, null, 2)}\n` : accounts.map(formatRequest).join('\n'),
  )
  return EXIT.fine
}

async function findRequests(files: readonly string[], requestId: string, io: Io): Promise<Newest> {
  const damage = createDamageReport(io)
  const [decisions, others] = [createNewest(), createNewest()]
  for await (const reading of inOrder(auditLinesOf(files))) {
    if (isDamage(reading)) damage.tell(reading)
    else if (fitsFilter(reading.record, reading.at, { requestId }))
      (isDecision(reading.record) ? decisions : others).add(reading)
  }
  damage.close()
  return decisions.lines.length > 0 ? decisions : others
}

interface Newest {
  readonly lines: readonly AuditFileLine[]
  /** How many came before them. */
  readonly older: number
}

function createNewest() {
  const lines: AuditFileLine[] = []
  const newest = {
    lines,
    older: 0,
    add(line: AuditFileLine) {
      lines.push(line)
      if (lines.length <= MAX_REQUESTS) return
      lines.shift()
      newest.older += 1
    },
  }
  return newest
}

function judgeLine(line: AuditFileLine, settings: Settings): JudgedRequest {
  const { record } = line
  const route = settings.routes.find(({ name }) => name === textIn(record, 'route'))
  if (!reachedPolicy(record)) return { line, before: true, audienceNow: audienceNow(line, route, settings) }
  const digest = textIn(record, 'policy')
  const now = route && openPolicy(settings, route).policy
  const then = policyOfThen(digest, now, settings)
  const said = answersIn(record)
  const same = now?.inForce().digest === digest
  return {
    line,
    before: false,
    byThen: typeof then === 'string' ? then : accountOf(line, then, said),
    byNow:
      now === undefined ? 'there is no such route now' : same ? 'same' : nowAccount(line, now, then, said),
    isRemote: route?.policy.remote !== undefined,
  }
}

/** The policy with this digest; else why it cannot be asked. */
function policyOfThen(
  digest: string,
  now: CompiledPolicy | undefined,
  { audit: { policies } }: Settings,
): CompiledPolicy | string {
  if (digest === '')
    return 'its line names no policy: a version before the one with `policy` in its lines wrote it'
  if (now?.inForce().digest === digest) return now
  if (policies === undefined)
    return `the policy of then (${digest}) was not kept: the file has no audit.policies`
  const read = readArchivedPolicy(policies, digest)
  if (!read.ok)
    return `the policy of then (${digest}) ${ARCHIVE_WORDS[read.why]} (audit.policies: ${policies})`
  const options = readKeptPolicy(read.text)
  return compiled(options) ?? `the policy of then (${digest}) has a form that this version does not know`
}

const ARCHIVE_WORDS = {
  absent: 'is not kept any more, or never was',
  changed: 'was changed on the disk, and is not believed',
  unreadable: 'cannot be read',
} as const

/** Undefined for what this version cannot compile: it was kept by another one. */
function compiled(options: PolicyOptions | undefined): CompiledPolicy | undefined {
  try {
    return options && compilePolicy(options)
  } catch {
    return undefined
  }
}

function accountOf(
  line: AuditFileLine,
  policy: CompiledPolicy,
  said: RecordedAnswers,
): readonly PolicyAccount[] {
  return questionsIn(line).map((read) => (read.ok ? rejudge(policy, read.question, said) : { why: read.why }))
}

/** A rule that is the same as then says the same about the same call. */
function nowAccount(
  line: AuditFileLine,
  now: CompiledPolicy,
  then: CompiledPolicy | string,
  said: RecordedAnswers,
): readonly PolicyAccount[] {
  const isKept = (rule: string, target: string) => {
    const terms = typeof then === 'string' ? undefined : then.termsOf(rule, target)
    return terms !== undefined && terms === now.termsOf(rule, target)
  }
  return accountOf(line, now, (rule, target) => (isKept(rule, target) ? said(rule, target) : undefined))
}

/** Whether the token of a refused request would be for the route now; undefined where its audience was not the reason. */
function audienceNow({ record }: AuditFileLine, route: RouteSettings | undefined, settings: Settings) {
  if (record['check'] !== 'audience' || !Array.isArray(record['audience']) || route === undefined)
    return undefined
  const wanted = route.audience ?? [`${settings.publicUrl}${route.path}`]
  const issuers = route.issuers.flatMap((name) => settings.issuers.get(name) ?? [])
  const issuer = issuers.find(({ issuer: id }) => id === record['issuer']) ?? issuers[0]
  const named = [...namesIn(record['audience'])]
  const fault = compileAudience(wanted, issuer?.singleAudience ?? false).faultOf(named)
  return { wanted, fits: fault === undefined }
}
