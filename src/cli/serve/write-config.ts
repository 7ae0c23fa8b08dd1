// A new gateway.yaml on the disk, for `init` and `protect --write`. Never writes over a file unless told to.
import { closeSync, existsSync, fchmodSync, openSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { reasonOf } from '../../config/expand.ts'
import { EXIT, type Io } from '../shared/command.ts'

/** `-` is standard output. */
export interface NewFile {
  readonly command: string
  /** As the person named it. */
  readonly name: string
  readonly force: boolean
  /** Whether nobody else of this machine may read it: it may say more than a person wants everybody to know. */
  readonly isPrivate?: boolean
}

/** The exit code, when the reason has been told; asked before any question is. */
export function refuseExisting({ command, name, force }: NewFile, io: Io): number | undefined {
  if (name === '-' || force || !existsSync(resolve(io.cwd, name))) return undefined
  io.stderr.write(
    `portcullis ${command}: ${name} is there already; --force writes over it, or name another\n`,
  )
  return EXIT.finding
}

/** The exit code, when it could not be written and the reason has been told. */
export function writeConfig(
  text: string,
  { command, name, force, isPrivate }: NewFile,
  io: Io,
): number | undefined {
  if (name === '-') {
    io.stdout.write(text)
    return undefined
  }
  try {
    const fd = openSync(resolve(io.cwd, name), force ? 'w' : 'wx', isPrivate ? 0o600 : 0o666)
    try {
      if (isPrivate) fchmodSync(fd, 0o600) // also of one that was there
      writeFileSync(fd, text)
    } finally {
      closeSync(fd)
    }
    return undefined
  } catch (error) {
    io.stderr.write(`portcullis ${command}: ${name} cannot be written: ${reasonOf(error)}\n`)
    return EXIT.finding
  }
}
