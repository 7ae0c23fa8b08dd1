// Python programs of the table: a virtual environment for each pinned list of requirements, made once for clients and servers.
import { join } from 'node:path'
import { buildForeign, type Recipe } from '../../upstreams/foreign.ts'
import type { Built } from './contract.ts'

const HERE = import.meta.dirname

/** Each has a file of requirements in clients/python. */
export type PythonSdk = 'mcp1' | 'mcp2' | 'fastmcp'

/** Runs a file of this folder. */
export async function buildPython(
  sdk: PythonSdk,
  ...[file, ...args]: readonly [string, ...string[]]
): Promise<Built> {
  const built = await buildForeign(recipeOf(sdk))
  if (typeof built === 'string') return `${built} (Python 3.11 with venv is needed)`
  const [python] = built.program
  return [python, join(HERE, file), ...args]
}

function recipeOf(sdk: PythonSdk): Recipe {
  const requirements = join(HERE, `clients/python/requirements-${sdk}.txt`)
  return {
    name: `python-${sdk}`,
    sources: [requirements],
    build: async (folder, run) => {
      await run('python3', ['-m', 'venv', '--clear', join(folder, 'venv')])
      await run(join(folder, 'venv/bin/pip'), ['install', '-q', '-r', requirements])
    },
    start: (folder) => [join(folder, 'venv/bin/python')],
  }
}
