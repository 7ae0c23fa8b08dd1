// Programs in Go: built into build/world, from pinned modules. Go's own cache makes a second build quick.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Built, missingCommand } from './contract.ts'

const BUILD = join(import.meta.dirname, '../../../build/world')
const BUILD_LIMIT_MS = 280_000

/** @param folder below this one; @param flags more of `go build` */
export async function buildGo(folder: string, name: string, flags: readonly string[] = []): Promise<Built> {
  const missing = missingCommand('go', ['version'], 'Go 1.25')
  if (missing !== undefined) return missing
  const program = join(BUILD, name)
  try {
    await promisify(execFile)('go', ['build', ...flags, '-o', program, '.'], {
      cwd: join(import.meta.dirname, folder),
      timeout: BUILD_LIMIT_MS,
    })
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return `${name} cannot be built here: ${String(error).split('\n').slice(0, 2).join(' ')}`
  }
  return [program]
}
