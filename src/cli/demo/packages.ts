// The packages that the demo uses and portcullis itself does not: which are missing, and how to get them.
import { createRequire } from 'node:module'

/** A module of each package, by package. */
const MODULES: Readonly<Record<string, string>> = {
  '@modelcontextprotocol/sdk': '@modelcontextprotocol/sdk/client/index.js',
  '@modelcontextprotocol/client': '@modelcontextprotocol/client',
  '@modelcontextprotocol/server-everything': '@modelcontextprotocol/server-everything/dist/index.js',
}

/** Names of packages; `resolve` throws for a module that is not installed. */
export function missingPackages(
  resolve: (id: string) => string = createRequire(import.meta.url).resolve,
): string[] {
  return Object.entries(MODULES).flatMap(([name, module]) => {
    try {
      resolve(module)
      return []
    } catch {
      return [name]
    }
  })
}

export function howToInstall(missing: readonly string[]): string {
  return `the demo needs what portcullis itself does not; put it beside portcullis with
  npm install ${missing.join(' ')}
(with -g when portcullis was installed with -g), then run the demo again`
}
