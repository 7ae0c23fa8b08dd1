// Portcullis with the authorization server that it brings: the built command, SQLite on the disk, people with
// passwords, and a trusted proxy in front, for which the benchmark speaks as many addresses.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openOperator } from '../../src/as/operate/operator.ts'
import { freePort } from '../../test/support/free-port.ts'
import { type Program, startProgram } from '../program.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
/** As in the first line of src/main.ts, and in the image. */
const NURSERY = '--max-semi-space-size=4'

export interface Embedded {
  /** The issuer. */
  readonly origin: string
  readonly resource: string
  readonly program: Program
  /** Names of people who may sign in. */
  readonly people: readonly string[]
  readonly password: string
}

export async function startEmbedded(howMany: number): Promise<Embedded> {
  const folder = join(ROOT, 'build', 'bench', 'as')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const [port, adminPort] = [await freePort(), await freePort()]
  const data = join(folder, 'as.sqlite')
  const config = join(folder, 'gateway.yaml')
  writeFileSync(config, configOf({ folder, data, port, adminPort }))
  const people = Array.from({ length: howMany }, (_, index) => `person-${index}`)
  const password = 'a password of the benchmark'
  await addPeople(data, people, password)
  const nodeArgs = (process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter((arg) => arg !== '')
  const args = [NURSERY, ...nodeArgs, join(ROOT, 'dist', 'main.js'), 'run', '-c', config]
  const program = await startProgram(NODE, args, port, join(folder, 'gateway.log'))
  const origin = `http://127.0.0.1:${port}`
  return { origin, resource: `${origin}/notes/mcp`, program, people, password }
}

/** What `portcullis users add` does, without a process for each. */
async function addPeople(data: string, people: readonly string[], password: string): Promise<void> {
  const clock = { now: () => Date.now() }
  const operator = await openOperator({ settings: { data, cookieSecret: undefined }, clock, actor: 'bench' })
  for (const name of people) {
    const problem = await operator.users.add(name, password)
    if (problem !== undefined) throw new Error(problem)
  }
  await operator.close()
}

interface ConfigParts {
  readonly folder: string
  readonly data: string
  readonly port: number
  readonly adminPort: number
}

/** Every limit is the default, but for the number of clients: one registers with each sign-in. */
function configOf({ folder, data, port, adminPort }: ConfigParts): string {
  return `public_url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${adminPort} }
audit: { file: ${JSON.stringify(join(folder, 'audit.log'))} }
trusted_proxies: [127.0.0.1]
issuers: { builtin: { embedded: true } }
authorization_server:
  data: ${JSON.stringify(data)}
  registration: { max_clients: 100000 }
  grants:
    - { who: { subjects: ["*"] }, scopes: [notes:read, notes:write] }
routes:
  - name: notes
    path: /notes/mcp
    upstream: http://127.0.0.1:9/mcp
    issuers: [builtin]
    scopes: [notes:read]
    policy:
      rules:
        - { name: reading, tools: [list_notes], scopes: [notes:read] }
        - { name: writing, tools: ["*_note"], scopes: [notes:write] }
`
}
