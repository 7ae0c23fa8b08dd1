// A terminal as a place for lines that nobody waits for. Writing to standard output waits while a terminal takes nothing
// (Ctrl-S, a slow line), and the whole process with it; so the terminal is opened once more, in a way that never waits.
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import type { Screen } from './command.ts'

/** Lines that wait for a terminal; more are counted. */
const MAX_WAITING_CHARACTERS = 32_768
const RETRY_MS = 20
/** Of Linux, where it is standard output, whatever that is; of other systems. */
const PLACES = ['/proc/self/fd/1', '/dev/tty']

/** Undefined where the terminal cannot be opened once more, as after a change of users. */
export function openScreen(output: { readonly columns: number }, colour: boolean): Screen | undefined {
  const fd = openNonBlocking()
  if (fd === undefined) return undefined
  const lines = createWaiting(fd)
  return { colour, columns: () => output.columns, write: lines.write, close: lines.close }
}

function openNonBlocking(): number | undefined {
  for (const place of PLACES) {
    try {
      return openSync(place, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    } catch {
      // the next one may be there
    }
  }
  return undefined
}

function createWaiting(fd: number) {
  let waiting: Buffer = Buffer.alloc(0)
  let missed = 0
  let timer: NodeJS.Timeout | undefined
  let isGone = false
  const add = (line: string) => {
    waiting = Buffer.concat([waiting, Buffer.from(`${line}\n`)])
  }
  const flush = () => {
    timer = undefined
    waiting = writeWhatFits(fd, waiting) ?? lose()
    if (waiting.length > 0) timer = setTimeout(flush, RETRY_MS).unref()
    else if (missed > 0) {
      add(`… ${missed} more that the terminal did not take`)
      missed = 0
      flush()
    }
  }
  const lose = () => {
    isGone = true
    missed = 0
    return Buffer.alloc(0)
  }
  return {
    write(line: string) {
      if (isGone) return
      if (waiting.length + line.length > MAX_WAITING_CHARACTERS) missed += 1
      else add(line)
      if (timer === undefined) flush()
    },
    /** What the terminal does not take now is lost. */
    close() {
      if (timer !== undefined) clearTimeout(timer)
      if (!isGone) {
        writeWhatFits(fd, waiting)
        closeSync(fd)
      }
      isGone = true
    },
  }
}

/** What is left; undefined when nobody is there any more. */
function writeWhatFits(fd: number, bytes: Buffer): Buffer | undefined {
  let rest = bytes
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
    return rest
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? rest : undefined
  }
}
