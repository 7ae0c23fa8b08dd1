// Records the calls that a worker has admitted and that have not ended, in a file that its primary holds open. The
// kernel keeps the file when the worker is killed, and then the primary reads it. Each request has a place for its id,
// which is written before the call is on record and emptied after its end is. It is needed with `audit.required` only;
// the file has no name.
import { fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenCalls } from '../observe/audit.ts'

/** The length of a UUID. */
const ID_CHARS = 36
const EMPTY = ' '.repeat(ID_CHARS)

/** Throws where no file can be made in the folder. */
export function openCallsFile(folder: string): number {
  const own = mkdtempSync(join(folder, '.portcullis-calls-'))
  try {
    return openSync(join(own, 'calls'), 'wx+', 0o600)
  } finally {
    rmSync(own, { recursive: true })
  }
}

export function createOpenCalls(fd: number): OpenCalls {
  const places = new Map<string, number>()
  const free: number[] = []
  let size = 0
  const write = (place: number, text: string): boolean => {
    try {
      return writeSync(fd, text, place * ID_CHARS, 'latin1') === ID_CHARS
    } catch {
      return false
    }
  }
  return {
    enter(requestId) {
      const place = free.pop() ?? size
      if (!write(place, requestId)) {
        if (place < size) free.push(place)
        return false
      }
      if (place === size) size += 1
      places.set(requestId, place)
      return true
    },
    leave(requestId) {
      const place = places.get(requestId)
      if (place === undefined) return
      places.delete(requestId)
      write(place, EMPTY)
      free.push(place)
    },
  }
}

/** Returns the ids of requests in the file of a worker that is gone. */
export function readOpenCalls(fd: number): readonly string[] {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  readSync(fd, bytes, 0, bytes.length, 0)
  const text = bytes.toString('latin1')
  const ids: string[] = []
  for (let at = 0; at < text.length; at += ID_CHARS) {
    const id = text.slice(at, at + ID_CHARS)
    if (id.length === ID_CHARS && id !== EMPTY) ids.push(id)
  }
  return ids
}
