// The schema of evidence: audit lines as a chain, the key that signs its checkpoints, and where these are kept.
import { z } from 'zod'
import type { AnchorSettings, AuditSettings, OcsfSettings } from '../core/settings-audit.ts'
import { endpointUrl, receiverUrl, syslogAddress } from './addresses.ts'
import { bytes, pemPath, secret, text } from './scalars.ts'
import { authorities } from './schema-reach.ts'
import { otlpHeaders } from './schema-telemetry.ts'

const anchor = z
  .strictObject({
    file: text
      .describe('Path of a file, meant to be on another machine or of another account, that only grows.')
      .optional(),
    url: receiverUrl
      .describe('Takes each checkpoint by POST, as one line of JSON; an answer of 2xx says that it is kept.')
      .optional(),
    token: secret.describe('Bearer token for `url`.').optional(),
    ca: pemPath
      .describe('`file:` with the certificate authorities to trust at `url` instead of the usual ones.')
      .optional(),
  })
  .superRefine((raw, context) => {
    if ((raw.file === undefined) === (raw.url === undefined))
      context.addIssue({ code: 'custom', message: 'say where checkpoints are kept: either file or url' })
    if (raw.file !== undefined && (raw.token !== undefined || raw.ca !== undefined))
      context.addIssue({ code: 'custom', message: 'token and ca are for url; a file needs neither' })
  })
  .transform(
    ({ file, url = '', token, ca }): AnchorSettings => (file === undefined ? { url, token, ca } : { file }),
  )

const spool = bytes('2MiB', '1GiB')
  .describe('How much memory may wait while the receiver is away.')
  .prefault('32MiB')

const syslog = z
  .strictObject({
    url: syslogAddress.describe('`tls://host:6514` or `tcp://host:514`: RFC 5424, with counted octets.'),
    ca: pemPath
      .describe('`file:` with the certificate authorities to trust there instead of the usual ones.')
      .optional(),
    spool,
  })
  .superRefine(({ url, ca }, context) => {
    if (ca !== undefined && !url.isTls)
      context.addIssue({ code: 'custom', path: ['ca'], message: 'is for tls://; tcp:// proves nobody' })
  })
  .transform(({ url, ca, spool: spoolBytes }) => ({ ...url, ca, spoolBytes }))

const otlp = z
  .strictObject({
    endpoint: endpointUrl.describe(
      'The whole address of a receiver of OTLP over HTTP: `https://collector.example.com:4318/v1/logs`.',
    ),
    headers: otlpHeaders.describe('Headers of each request to it, such as a key.').prefault({}),
    ca: authorities,
    spool,
  })
  .transform(({ endpoint, headers, ca, spool: spoolBytes }) => ({ endpoint, headers, ca, spoolBytes }))

export const ocsf = z
  .strictObject({
    file: text
      .describe('Path of a file that is appended to, relative to the folder of gateway.yaml.')
      .optional(),
    syslog: syslog.describe('A receiver of syslog.').optional(),
    otlp: otlp.describe('A receiver of logs by OpenTelemetry (OTLP).').optional(),
  })
  .superRefine((raw, context) => {
    if (Object.keys(raw).length === 0)
      context.addIssue({ code: 'custom', message: 'say where events go: file, syslog or otlp' })
  })
  .transform((raw): OcsfSettings => ({ file: raw.file, syslog: raw.syslog, otlp: raw.otlp }))
  .describe('Each record also as OCSF 1.8.0 (API Activity, Authentication), for a SIEM.')
  .optional()

export const chainKeys = {
  chain: z
    .boolean()
    .describe(
      'Each line carries the digest of the line before, and each minute a signed checkpoint vouches for all of them.',
    )
    .prefault(false),
  key: text
    .describe(
      'With `chain`: the file of the Ed25519 key that signs checkpoints, in PEM, relative to the folder of gateway.yaml; made on first use. Absent: `audit.key` beside `file`.',
    )
    .optional(),
  anchor: anchor
    .describe(
      'With `chain`: the second place that keeps checkpoints. Without it nobody can tell that the end of the audit was cut off.',
    )
    .optional(),
}

interface RawChain {
  readonly file?: string | undefined
  readonly chain: boolean
  readonly key?: string | undefined
  readonly anchor?: AnchorSettings | undefined
}

export function chainFaults({
  file,
  chain,
  key,
  anchor: kept,
}: RawChain): { path: string[]; message: string }[] {
  const needless = Object.entries({ key, anchor: kept }).filter(([, value]) => value !== undefined && !chain)
  const faults = needless.map(([name]) => ({
    path: [name],
    message: `is for a chain; set chain: true, or remove it`,
  }))
  if (kept !== undefined && 'file' in kept && kept.file === file)
    faults.push({ path: ['anchor', 'file'], message: 'a second place is another file than the audit itself' })
  return faults
}

export function chainOf({ file, chain, key, anchor: kept }: RawChain): Pick<AuditSettings, 'chain'> {
  if (!chain) return {}
  const name = key ?? `${file?.slice(0, file.lastIndexOf('/') + 1) ?? ''}audit.key`
  return { chain: { key: name, ...(kept === undefined ? {} : { anchor: kept }) } }
}
