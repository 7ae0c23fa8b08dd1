// `portcullis audit verify`: whether a chained audit is as it was written. It reads files and changes none; the public key
// comes from whoever asks, never from the audit.
import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { readPublicKey } from '../../observe/chain/signing-key.ts'
import { type VerifiedAudit, type VerifiedChain, verifyAudit } from '../../observe/verify/verify.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printableLines } from '../shared/printable.ts'

export const verifyHelp = `portcullis audit verify FILE … --key PUBLIC [--anchor FILE] [--partial] [--json]

Says whether chained audit files (audit.chain) are as they were written: rotated, .gz and .zst files too, in any order. Damage
before the last anchored checkpoint is all found; what is behind it is told as not yet anchored.

  --key PUBLIC       the public key of the gateway (audit.key.pub), from a place that you trust; may be repeated
  --anchor FILE      the checkpoints that were kept elsewhere; may be repeated
  --partial          older files were removed on purpose: begin behind an anchored rotation
  --json             the findings as JSON

Exit codes: 0 as it was written, 1 damage or a file that cannot be read, 2 wrong use.
`

const OPTIONS = {
  key: { type: 'string', multiple: true },
  anchor: { type: 'string', multiple: true },
  partial: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const MAX_VERIFIED_FILES = 10_000

export async function runVerify(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, MAX_VERIFIED_FILES)
  if (!read.ok) return wrongUse(io, 'audit', read.message)
  const { values, positionals } = read
  if (positionals.length === 0) return wrongUse(io, 'audit', 'verify needs the audit files')
  if (values.key === undefined)
    return wrongUse(io, 'audit', 'verify needs --key: the public key of the gateway')
  const at = (file: string) => resolve(io.cwd, file)
  try {
    const keys: readonly KeyObject[] = values.key.map((file) => readPublicKey(at(file)))
    const anchors = values.anchor?.map(at)
    const files = positionals.map(at)
    const verified = await verifyAudit({ files, keys, anchors, isPartial: values.partial })
    const shown = { ...verified, isAnchored: anchors !== undefined }
    io.stdout.write(
      values.json ? `${JSON.stringify(shown, null, 2)}\n` : formatVerified(verified, anchors !== undefined),
    )
    return verified.faultCount === 0 && verified.chains.length > 0 ? EXIT.fine : EXIT.finding
  } catch (error) {
    io.stderr.write(`portcullis audit verify: ${error instanceof Error ? error.message : 'unreadable'}\n`)
    return EXIT.finding
  }
}

const WITHOUT_ANCHOR = [
  'Without --anchor this says that the lines fit together and that checkpoints are signed. Whoever could write the files may',
  'have cut off their end, and whoever has the private key may have written them anew; neither would show.',
]

function formatVerified(
  { chains, faults, faultCount, cuts, notes }: VerifiedAudit,
  isAnchored: boolean,
): string {
  const more = faultCount - faults.length
  const lines = [
    ...faults.map(({ file, line, what }) => `DAMAGE ${placeOf(file, line)}${what}`),
    ...(more > 0 ? [`DAMAGE … and ${more} more`] : []),
    ...(chains.length === 0 ? ['no line of a chain is in these files'] : []),
    ...chains.map((chain) => chainLine(chain, isAnchored)),
    ...cuts.map(
      ({ file, line, bytes }) => `${placeOf(file, line)}the chain goes on behind ${bytes} bytes of no chain`,
    ),
    ...notes,
    ...(isAnchored ? [] : WITHOUT_ANCHOR),
    faultCount === 0 && chains.length > 0 ? 'as it was written' : 'NOT as it was written',
  ]
  return `${printableLines(lines)}\n`
}

function placeOf(file: string, line: number): string {
  if (file === '') return ''
  return line === 0 ? `${file}: ` : `${file}:${line}: `
}

function chainLine(
  { chain, lines, firstSeq, lastSeq, lastTime, anchored, signed }: VerifiedChain,
  isAnchored: boolean,
): string {
  const what = `chain ${chain}: ${lines} lines, ${firstSeq} to ${lastSeq}, the last of ${lastTime}`
  if (!isAnchored && signed !== undefined) return `${what}; signed up to line ${signed.seq} (${signed.time})`
  if (!isAnchored) return what
  if (anchored === undefined) return `${what}; none of them is anchored yet`
  const behind = lastSeq - anchored.seq
  const tail = behind === 0 ? 'and nothing is behind it' : `not yet anchored: ${behind} behind it`
  return `${what}; anchored up to line ${anchored.seq} (${anchored.time}), ${tail}`
}
