// Where checkpoints are kept: a file, meant to be on another machine or of another account, or a URL that takes each by
// POST. One try each; anchor.ts says what becomes of a failure.
import { type FileHandle, open } from 'node:fs/promises'
import type { AnchorSettings } from '../../core/settings-audit.ts'
import { createHttpClient } from '../../lib/bounded-http.ts'
import { guardedLookup } from '../../lib/guarded-lookup.ts'
import type { KeepCheckpoint } from './anchor.ts'

const ANCHOR_TIMEOUT_MS = 10_000
const MAX_ANCHOR_ANSWER_BYTES = 16 * 1024
const NEWLINE = 0x0a

export interface AnchorPlace {
  readonly keep: KeepCheckpoint
  readonly place: string
  close(): Promise<void>
}

export function anchorPlaceOf(settings: AnchorSettings): AnchorPlace {
  return 'file' in settings ? inFile(settings.file) : atUrl(settings)
}

/** Opened each time: what is mounted there may have come back. */
function inFile(file: string): AnchorPlace {
  return {
    place: file,
    async keep(line) {
      try {
        const handle = await open(file, 'a+', 0o600)
        try {
          await handle.appendFile(`${(await endsLine(handle)) ? '' : '\n'}${line}\n`)
          await handle.sync()
        } finally {
          await handle.close()
        }
        return undefined
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be written'
      }
    },
    close: async () => undefined,
  }
}

/** False after a write that was cut. */
async function endsLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return true
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === NEWLINE
}

function atUrl({ url, token, ca }: Extract<AnchorSettings, { readonly url: string }>): AnchorPlace {
  const http = createHttpClient({ timeoutMs: ANCHOR_TIMEOUT_MS, connections: 1, lookup: guardedLookup, ca })
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
  return {
    place: new URL(url).origin,
    async keep(line) {
      const headers = { 'content-type': 'application/json', ...authorization }
      const outcome = await http.ask({
        ...{ url, method: 'POST', headers, body: `${line}\n` },
        maxBytes: MAX_ANCHOR_ANSWER_BYTES,
      })
      if (!outcome.ok) return outcome.why
      const { status } = outcome.answer
      return status >= 200 && status < 300 ? undefined : `status ${status}`
    },
    close: () => http.close(),
  }
}
