// Builds the programs on rmcp, a client and a server from one package. What is built is kept outside of the project, so that
// a clean checkout does not compile its two hundred crates again.
import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Built } from './contract.ts'
import { missingCommand } from './contract.ts'

export const RMCP = 'rmcp 3.11.0'

const NEEDS = 'Rust 1.88 or later'
const SOURCES = join(import.meta.dirname, 'rust')
const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
/** Where cargo keeps what it built. */
export const RUST_TARGET = join(CACHE, 'portcullis/world-rust')
/** A build that is cut here goes on where it was, the next time. */
const BUILD_LIMIT_MS = 600_000

export async function buildRust(program: 'client' | 'server', ...args: readonly string[]): Promise<Built> {
  const missing = missingCommand('cargo', ['--version'], NEEDS)
  if (missing !== undefined) return missing
  try {
    await promisify(execFile)('cargo', ['build', '--locked', '--quiet', '--bin', program], {
      cwd: SOURCES,
      env: { ...process.env, CARGO_TARGET_DIR: RUST_TARGET },
      timeout: BUILD_LIMIT_MS,
    })
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return `${RMCP} cannot be built here, which needs ${NEEDS}: ${String(error).split('\n')[0]}`
  }
  return [join(RUST_TARGET, 'debug', program), ...args]
}
