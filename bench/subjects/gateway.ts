// Portcullis itself: the built command with a route, a dozen rules, and the audit in a file.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { type Program, startProgram } from '../program.ts'
import { ROUTE_PATH, type Scene } from '../scene.ts'
import type { Subject } from './subject.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
/** As in the first line of src/main.ts, and in the image. */
const NURSERY = '--max-semi-space-size=4'

export interface GatewayOptions {
  /** The administration port, when the benchmark asks it something. */
  readonly adminPort?: number
  /** Arguments for Node itself, such as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[]
  /** Tool names that one more rule allows. */
  readonly moreTools?: readonly string[]
  /** Processes that serve; one where nothing is said. */
  readonly workers?: number
  /** More lines of the file, and of its route. */
  readonly top?: string
  readonly route?: string
  /** Where it listens, when that is not where clients call the resource. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

export async function startGateway(scene: Scene, upstreamPort: number): Promise<Subject> {
  const nodeArgs = (process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter((arg) => arg !== '')
  const program = await startGatewayProgram(scene, upstreamPort, { nodeArgs })
  return { name: 'Portcullis', url: scene.resource, program, checksTokens: true }
}

/** The file the gateway is started with; written again, it is what a reload reads. */
export function writeGatewayConfig(
  scene: Scene,
  upstreamPort: number,
  adminPort: number,
  options: GatewayOptions = {},
): string {
  const path = join(scene.folder, 'gateway.yaml')
  writeFileSync(path, gatewayConfig(scene, upstreamPort, adminPort, options))
  return path
}

export async function startGatewayProgram(
  scene: Scene,
  upstreamPort: number,
  options: GatewayOptions = {},
): Promise<Program> {
  rmSync(auditFile(scene), { force: true })
  const adminPort = options.adminPort ?? (await freePort())
  const config = writeGatewayConfig(scene, upstreamPort, adminPort, options)
  const args = [NURSERY, ...(options.nodeArgs ?? []), join(ROOT, 'dist', 'main.js'), 'run', '-c', config]
  const { port = scene.gatewayPort, env = {} } = options
  return startProgram(NODE, args, port, join(scene.folder, 'gateway.log'), { env })
}

export function auditFile(scene: Scene): string {
  return join(scene.folder, 'audit.log')
}

function gatewayConfig(
  scene: Scene,
  upstreamPort: number,
  adminPort: number,
  { moreTools = [], workers = 1, top = '', route = '', port = scene.gatewayPort }: GatewayOptions,
): string {
  const more =
    moreTools.length === 0
      ? ''
      : `- { name: more, tools: ${JSON.stringify(moreTools)}, scopes: [notes:read] }`
  return `public_url: http://127.0.0.1:${scene.gatewayPort}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${adminPort} }
workers: ${workers}
audit: { file: ${JSON.stringify(auditFile(scene))} }
scopes_imply: { notes:admin: [notes:write], notes:write: [notes:read] }
${top}
issuers:
  bench: { issuer: ${scene.issuer.url}, allow_insecure_issuer: true, algorithms: [${scene.issuer.algorithm}] }
routes:
  - name: notes
    path: ${ROUTE_PATH}
    upstream: http://127.0.0.1:${upstreamPort}/mcp
    issuers: [bench]
    scopes: [notes:read]
${route}
    policy:
      rules:
        - { name: no-dropping, effect: deny, tools: ["drop_*"] }
        - { name: no-shell, effect: deny, tools: [shell, exec] }
        - { name: folders, tools: [list_folders, read_folder], scopes: [notes:read] }
        - { name: searching, tools: ["search_*"], scopes: [notes:read] }
        - { name: writing, tools: ["*_note"], except: [purge_note], scopes: [notes:write] }
        - { name: purging, tools: [purge_note], scopes: { all: [notes:write, notes:admin] } }
        - { name: sharing, tools: ["share_*", "unshare_*"], scopes: [notes:share] }
        - { name: exporting, tools: [export_notes], scopes: [notes:export] }
        - { name: listing, tools: [list_notes], scopes: [notes:read] }
        - { name: prompts, prompts: ["*"], scopes: [notes:read] }
        - { name: notes, resources: ["notes://**"], scopes: [notes:read] }
        - { name: files, resources: ["file:///srv/notes/**"], scopes: [notes:files] }
        ${more}
`
}
