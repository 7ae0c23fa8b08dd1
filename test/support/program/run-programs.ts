// `portcullis run` as a process of its own in front of programs, to be looked at from outside and killed.
import { execFileSync } from 'node:child_process'
import { freePort } from '../free-port.ts'
import { gatewayYaml, type YamlParts } from '../gateway.ts'
import { startIssuer } from '../issuer.ts'
import { type GatewayProcess, startProcess } from '../process.ts'
import { OPEN_POLICY, PLAIN, type ProgramRoute } from './client.ts'

export interface RunPrograms extends ProgramRoute {
  readonly process: GatewayProcess
  metrics(): Promise<string>
  /** Another process in the place of one that is gone, at the same address. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** As the installed command has them. */
const FLAGS = ['--max-semi-space-size=4']

/** `keys`: more keys of `upstream`, whose command is the plain program unless `parts` names another. */
export async function runPrograms(keys = '', parts: Partial<YamlParts> = {}): Promise<RunPrograms> {
  const issuer = await startIssuer()
  const origin = `http://127.0.0.1:${await freePort()}`
  const admin = `127.0.0.1:${await freePort()}`
  const yaml = gatewayYaml({
    ...{ origin, issuerUrl: issuer.url, upstreamUrl: '', auditFile: 'audit.jsonl' },
    ...{ policy: OPEN_POLICY, admin: `{ listen: ${admin} }` },
    program: `command: ["${process.execPath}", "${PLAIN}"], ${keys}`,
    ...parts,
  })
  let running = await startProcess({ yaml, flags: FLAGS })
  const resource = `${origin}/mcp/a`
  const token = (scope = 'a', claims: object = {}) => {
    const now = Math.floor(Date.now() / 1_000)
    const usual = {
      iss: issuer.url,
      aud: resource,
      sub: 'user-1',
      client_id: 'c',
      iat: now,
      exp: now + 3_600,
    }
    return issuer.sign({ ...usual, scope, ...claims })
  }
  return {
    ...{ resource, token },
    get process() {
      return running
    },
    post: (body, headers = {}, path = '/mcp/a') =>
      fetch(origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    metrics: async () => (await fetch(`http://${admin}/metrics`)).text(),
    async restart() {
      await running.kill()
      running = await startProcess({ yaml, flags: FLAGS })
    },
    async close() {
      await running.kill()
      await issuer.close()
    },
  }
}

export interface SeenProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** All of this machine that are no corpses, with their arguments. */
export function processes(): readonly SeenProcess[] {
  const text = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args=', '-ww'], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (command === undefined || state?.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** The watcher of a gateway's programs. */
export function watcherOf(gateway: number): number | undefined {
  return processes().find(({ parent, command }) => parent === gateway && command.includes('watcher-process'))
    ?.pid
}
