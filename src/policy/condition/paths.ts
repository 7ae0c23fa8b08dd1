// `path.isUnder(folder)`: whether a path is below a folder however a server may resolve it. `startsWith` alone would
// let `/home/alice/../bob` through. It reads no file system.
import { Fault } from './outcome.ts'

const BAD_FOLDER = new Fault('a folder that could be another one')

/** An empty, `.` or `..` segment; a backslash, an escape, a control character. */
const AMBIGUOUS = /\/\/|\\|%|[\x00-\x1f\x7f]|(?:^|\/)\.{1,2}(?:\/|$)/

/** `folder` with or without its last slash. A folder that is itself ambiguous, or empty, is a fault. */
export function isUnder(path: string, folder: string): boolean | Fault {
  const trunk = folder.endsWith('/') ? folder.slice(0, -1) : folder
  if (trunk === '' || AMBIGUOUS.test(trunk)) return BAD_FOLDER
  return path.startsWith(`${trunk}/`) && path.length > trunk.length + 1 && !AMBIGUOUS.test(path)
}
