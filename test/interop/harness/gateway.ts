// The built gateway and its development issuer as child processes, in front of the given upstreams. One route
// for each; every tool is open to the scope `mcp:use`, which is what the tests of other people's programs need.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { type Running, startChild } from './child.ts'

const MAIN = join(import.meta.dirname, '../../../dist/main.js')
export const SCOPE = 'mcp:use'

export interface Upstream {
  /** Also the path: `/notes/mcp` for `notes`. */
  readonly name: string
  readonly url?: string
  readonly transport?: 'http' | 'sse'
  /** Instead of a URL: keys of `upstream` for a server that is a program. */
  readonly program?: Readonly<Record<string, unknown>>
  /** Rules of the route's policy; without them everything is allowed. */
  readonly rules?: readonly object[]
}

export interface RunningGateway {
  /** What a client types for an upstream's route. */
  url(name: string): string
  /** A token for that route alone, of the subject `interop`. */
  token(name: string, scopes?: readonly string[]): Promise<string>
  readonly issuer: string
  /** What the gateway and the issuer printed. */
  output(): string
  stop(): Promise<void>
}

export async function startGateway(upstreams: readonly Upstream[]): Promise<RunningGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-interop-'))
  const [port, adminPort, issuerPort] = [await freePort(), await freePort(), await freePort()]
  const origin = `http://127.0.0.1:${port}`
  const issuer = `http://127.0.0.1:${issuerPort}`
  const url = (name: string) => `${origin}/${name}/mcp`
  await writeFile(join(folder, 'gateway.yaml'), stringify(settings(upstreams, port, adminPort, issuer)))

  const serving = ['token', '--serve', `127.0.0.1:${issuerPort}`]
  const started: Running[] = []
  const stop = async () => {
    await Promise.all(started.map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    started.push(await startChild({ args: [MAIN, ...serving], port: issuerPort, cwd: folder }))
    started.push(await startChild({ args: [MAIN, 'run', '-c', 'gateway.yaml'], port, cwd: folder }))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    issuer,
    token: (name, scopes = [SCOPE]) => mint(folder, issuer, url(name), scopes),
    output: () => started.map((child) => child.output()).join('\n'),
    stop,
  }
}

function settings(upstreams: readonly Upstream[], port: number, adminPort: number, issuer: string): object {
  return {
    public_url: `http://127.0.0.1:${port}`,
    listen: `127.0.0.1:${port}`,
    admin: { listen: `127.0.0.1:${adminPort}` },
    issuers: { dev: { issuer, allow_insecure_issuer: true } },
    routes: upstreams.map(({ name, url, transport = 'http', program, rules }) => ({
      name,
      path: `/${name}/mcp`,
      upstream: program ?? { url, transport },
      issuers: ['dev'],
      scopes: [SCOPE],
      policy: rules === undefined ? { default: 'allow' } : { rules },
    })),
  }
}

async function mint(
  folder: string,
  issuer: string,
  audience: string,
  scopes: readonly string[],
): Promise<string> {
  const options = ['--issuer', issuer, '--aud', audience, '--scope', scopes.join(' '), '--sub', 'interop']
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'token', ...options], { cwd: folder })
  return stdout.trim()
}
