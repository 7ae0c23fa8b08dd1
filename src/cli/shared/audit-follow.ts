// The lines of audit files as they are written, also across a rotation: after a rename it goes on in the new file and
// reads the old one to its end; after a copy and a cut it begins at the start again. It looks four times a second; what it
// finds at one look is in the order of time.
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type AuditReading, createAuditLineReader, isDamage } from './audit-lines.ts'
import { inOrder, merged } from './audit-merge.ts'

export interface FollowOptions {
  /** Whether the lines that the files have already are read too. */
  readonly fromStart: boolean
  readonly stop: AbortSignal
  /** Called once, when each file is open, or is known to be absent. */
  readonly onReady?: () => void
}

const LOOK_MS = 250
/** A file that was renamed is read until it gave nothing for so many looks: each worker leaves it at its own moment. */
const QUIET_LOOKS = 40
const CHUNK_BYTES = 256 * 1024
/** So much of its start tells a file that was cut and written anew from one that only grew. */
const START_BYTES = 128

/** Of all files as they come. Ends when `stop` is aborted. Throws what reading throws, but waits for a file that is not there. */
export async function* followAudit(
  files: readonly string[],
  { fromStart, stop, onReady }: FollowOptions,
): AsyncGenerator<AuditReading> {
  const followed = files.map((file) => createFollowed(file, fromStart))
  try {
    for (let isFirst = true; !stop.aborted; isFirst = false) {
      for (const one of followed) await one.open()
      if (isFirst) onReady?.()
      yield* inOrder(merged(followed.map((one) => one.read())))
      await delay(LOOK_MS, undefined, { signal: stop }).catch(() => undefined)
    }
  } finally {
    for (const one of followed) await one.close()
  }
}

/** One file, under its name and under those that it had before. */
function createFollowed(file: string, fromStart: boolean) {
  let tails: Tail[] = []
  let isFirst = true
  return {
    /** Opens what the name stands for now. */
    async open() {
      const fresh = await openTail(file, tails.at(-1))
      if (fresh !== undefined) {
        if (isFirst && !fromStart) await fresh.toEnd()
        tails.push(fresh)
      }
      isFirst = false
    },
    /** Yields what was written since. */
    async *read(): AsyncGenerator<AuditReading> {
      for (const tail of tails) yield* tail.read()
      tails = await withoutQuiet(tails)
    },
    async close() {
      for (const { handle } of tails) await handle.close()
    },
  }
}

interface Tail {
  readonly handle: FileHandle
  readonly inode: bigint
  quietLooks: number
  /** Goes to the end without reading. */
  toEnd(): Promise<void>
  /** Yields what was written since. */
  read(): AsyncGenerator<AuditReading>
}

/** Undefined while the name stands for the newest file that is open, or for none. */
async function openTail(file: string, newest: Tail | undefined): Promise<Tail | undefined> {
  const found = await stat(file, { bigint: true }).catch(ignoreAbsent)
  if (found === undefined || found.ino === newest?.inode) return undefined
  const handle = await open(file).catch(ignoreAbsent)
  return handle && createTail(file, handle, (await handle.stat({ bigint: true })).ino)
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function createTail(file: string, handle: FileHandle, inode: bigint): Tail {
  let reader = createAuditLineReader(file)
  let position = 0
  let start: Buffer = Buffer.alloc(0)
  /** The next bytes that nobody has seen; empty at the end. */
  const next = async (): Promise<Buffer> => {
    const bytes = await bytesAt(handle, position, CHUNK_BYTES)
    if (bytes.length > 0 && start.length < START_BYTES) start = await bytesAt(handle, 0, START_BYTES)
    position += bytes.length
    return bytes
  }
  const restart = () => {
    reader = createAuditLineReader(file)
    position = 0
    start = Buffer.alloc(0)
  }
  const tail: Tail = {
    ...{ handle, inode, quietLooks: 0 },
    async toEnd() {
      for (let bytes = await next(); bytes.length > 0; bytes = await next()) reader.skip(bytes)
    },
    async *read() {
      tail.quietLooks += 1
      if (await wasCut(handle, position, start)) restart()
      for (let bytes = await next(); bytes.length > 0; bytes = await next()) {
        tail.quietLooks = 0
        const readings = reader.push(bytes)
        const isCut = await wasCut(handle, position, start)
        // A cut between two looks: these may be of the middle of new lines, which are read again from the start.
        yield* isCut ? readings.filter((reading) => !isDamage(reading)) : readings
        if (isCut) restart()
      }
    },
  }
  return tail
}

async function wasCut(handle: FileHandle, position: number, start: Buffer): Promise<boolean> {
  if ((await handle.stat()).size < position) return true
  return !(await bytesAt(handle, 0, start.length)).equals(start)
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** Closes the files that were renamed and are quiet. */
async function withoutQuiet(tails: readonly Tail[]): Promise<Tail[]> {
  const kept: Tail[] = []
  for (const [index, tail] of tails.entries()) {
    const isNewest = index === tails.length - 1
    if (isNewest || tail.quietLooks < QUIET_LOOKS) kept.push(tail)
    else await tail.handle.close()
  }
  return kept
}
