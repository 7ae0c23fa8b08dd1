// A gateway with a rule that asks for approval, an administration port with tokens, and a service that is told by webhooks,
// signed and read with the reference library (npm standardwebhooks 1.1.1).
import { hash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'
import { saveManifest } from '../../src/manifest/file.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts'

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 42).toString('base64')}`

export interface ApprovingOptions {
  /** Of `approvals`, each followed by a comma. */
  readonly top?: string
  readonly share?: string
  readonly route?: string
  readonly owners?: string
  readonly approvers?: string
  /** More keys of the rule, each followed by a comma. */
  readonly rule?: string
  /** The description of the tool in an approved manifest; absent: nothing is pinned. */
  readonly manifest?: string
  readonly introspection?: boolean
  /** URL of a Redis that gateways share. */
  readonly redis?: string
  /** Where the audit goes, instead of a file that `events` reads. */
  readonly auditFile?: string
  /** Nothing listens where notices go. */
  readonly deaf?: boolean
}

export interface Approver {
  readonly subject: string
  /** That of the test when absent. */
  readonly issuer?: string
}

export interface Signing {
  readonly secret?: string
  readonly at?: number
}

interface AdminReply {
  readonly status: number
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

interface CallReply {
  readonly status: number
  readonly isError: boolean | undefined
  readonly text: string
}

export interface Notice {
  readonly id: string
  readonly body: unknown
}

export type Approving = Awaited<ReturnType<typeof startApproving>>

const tokenOf = (name: string) => `${name}-token`

export async function startApproving(given: ApprovingOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-approving-'))
  const manifest = join(folder, 'a.manifest.json')
  const receiver = await startReceiver()
  const activeGrants = new Set<string>()
  let withManifest = given.manifest !== undefined
  const writeManifest = (description: string) => {
    withManifest = true
    const tools = [{ name: 'pay', description }, { name: 'pay2' }, { name: 'safe' }]
    saveManifest(
      manifest,
      manifestOf({ server: { name: 't', version: '1' }, tools, prompts: [], resources: [], templates: [] }),
    )
  }
  if (given.manifest !== undefined) writeManifest(given.manifest)
  const options = (changes: ApprovingOptions): TestGatewayOptions =>
    optionsOf(
      { ...given, ...changes },
      { receiver: receiver.url, manifest: withManifest ? manifest : undefined },
    )
  let gateway = await startTestGateway(options({}))
  const { issuer, upstream } = gateway
  issuer.introspect = ({ form }) => {
    const claims = claimsOf(form.get('token') ?? '')
    return { ...claims, active: activeGrants.has(String(claims['sub'])) }
  }
  const all = new Set([gateway])
  /** One more, which is asked from now on. */
  const addGateway = async (): Promise<TestGateway> => {
    gateway = await startTestGateway({ ...options({}), beside: gateway })
    all.add(gateway)
    return gateway
  }
  /** With a token of these claims, or this token. */
  const callWith = async (params: string, claims: object | string = {}): Promise<CallReply> => {
    const token = typeof claims === 'string' ? claims : gateway.token('a', { sub: 'bob', ...claims })
    const authorization = `Bearer ${token}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
    const response = await gateway.post(body, { authorization })
    const said = await response.text()
    const { result } = JSON.parse(said) as { result?: { isError?: boolean } }
    return { status: response.status, isError: result?.isError, text: said }
  }
  const call = (claims: object | string = {}, sum = 1) =>
    callWith(`{"name":"pay","arguments":{"sum":${sum},"to":"bob"}}`, claims)
  const raw = async (path: string, body: string | undefined, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(gateway.running.adminOrigin + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    })
    const said = await response.text()
    return { status: response.status, text: said, body: JSON.parse(said) } as AdminReply
  }
  const bearer = (token: string) => (token === 'nobody' ? {} : { authorization: `Bearer ${tokenOf(token)}` })
  const get = (path: string, token: string) => raw(path, undefined, bearer(token))
  const post = (path: string, body: object, token: string) => raw(path, JSON.stringify(body), bearer(token))
  const digestOf = async (id: string) => (await get(`/approvals/${id}`, 'night')).body['digest'] ?? 'unknown'
  /** A person decides, and a service tells it each time that the result is called. */
  const decisionBy = async (approver: Approver, id: string, decision = 'approve', signing: Signing = {}) => {
    const { secret = WEBHOOK_SECRET, at = Date.now() } = signing
    const message = `msg_${randomUUID()}`
    const data = { id, decision, digest: await digestOf(id), approver: { issuer: issuer.url, ...approver } }
    const body = JSON.stringify({ type: 'approval.decided', timestamp: new Date(at).toISOString(), data })
    const headers = {
      'webhook-id': message,
      'webhook-timestamp': String(Math.floor(at / 1_000)),
      'webhook-signature': new Webhook(secret).sign(message, new Date(at), body),
    }
    return () => raw('/approvals/decisions', body, headers)
  }
  const scene = {
    get gateway() {
      return gateway
    },
    ...{ options, writeManifest, activeGrants, callWith, call, raw, get, post, digestOf, decisionBy },
    reached: () => upstream.received.length,
    /** Calls, and returns the id of the approval that the call waits for. */
    async ask(claims: object | string = {}, sum = 1): Promise<string> {
      const { text: said } = await call(claims, sum)
      const [, id] = /waits as approval ([0-9a-f]+) /.exec(said) ?? []
      if (id === undefined) throw new Error(`it does not wait: ${said}`)
      return id
    },
    approve: async (id: string) =>
      post(`/approvals/${id}`, { decision: 'approve', digest: await digestOf(id) }, 'night'),
    decideBy: async (...decision: Parameters<typeof decisionBy>) => (await decisionBy(...decision))(),
    listed: async () => (await get('/approvals', 'viewer')).body['approvals'] as readonly object[],
    events: () => gateway.audit(),
    notices: () => receiver.notices,
    failNext: receiver.failNext,
    /** The clock of the gateway is set ahead. */
    async later(ms: number) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
    },
    async restart() {
      await gateway.running.close(0)
      await addGateway()
    },
    join: addGateway,
    /** The gateway that is asked from now on. */
    at(one: TestGateway) {
      gateway = one
    },
    async close() {
      vi.useRealTimers()
      for (const one of all) await one.running.close(0)
      await upstream.close()
      await issuer.close()
      await receiver.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return scene
}

interface Places {
  readonly receiver: string
  readonly manifest: string | undefined
}

function optionsOf(given: ApprovingOptions, { receiver, manifest }: Places): TestGatewayOptions {
  const { top = '', share, route = '', rule = '', owners, introspection, deaf, redis } = given
  const approvers = given.approvers ?? 'subjects: [ada, grace, bob, olga], tokens: [night]'
  const url = deaf ? 'http://127.0.0.1:1/' : receiver
  const tokens = [
    ['night', 'view, approve'],
    ['other', 'view, approve'],
    ['viewer', 'view'],
  ].map(
    ([name = '', may]) => `{ name: ${name}, hash: "sha256:${hash('sha256', tokenOf(name))}", may: [${may}] }`,
  )
  return {
    auditRequired: true,
    ...(given.auditFile === undefined ? {} : { auditFile: given.auditFile }),
    admin: `{ listen: 127.0.0.1:0, token: "\${ADMIN}", tokens: [${tokens.join(', ')}] }`,
    env: {
      ADMIN: tokenOf('token'),
      HOOK: WEBHOOK_SECRET,
      KEY: 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY',
      ASK: 'a secret for the test',
    },
    top: `approvals: { ${top} client_owners: ${owners ?? '{ client-1: { subjects: [olga] } }'}, webhook: { url: "${url}", secret: "\${HOOK}" } }
${share === undefined ? '' : `limits: { share_per_caller: ${share} }`}
${redis === undefined ? '' : `session_key: "\${KEY}"\nstate: { url: "${redis}", timeout: 500ms }`}`,
    ...(introspection
      ? {
          issuer:
            '    validation: introspection\n    introspection: { client_id: gw, client_secret: "${ASK}", cache: { ttl: 60s } }',
        }
      : {}),
    route: `${route}${manifest === undefined ? '' : `\n    manifest: { file: ${manifest}, on_drift: warn }`}`,
    policy: `
      rules:
        - { name: safe, tools: [safe] }
        - { name: pay, effect: approve, ${rule} tools: [pay, pay2], approvers: { ${approvers} } }`,
  }
}

function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

function isSigned(body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(WEBHOOK_SECRET).verify(body, headers)
    return true
  } catch {
    return false
  }
}

/** A service that takes notices, and keeps those whose signature holds. */
async function startReceiver() {
  const notices: Notice[] = []
  let failures = 0
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const headers = request.headers as Record<string, string>
    if (!isSigned(body, headers)) return void response.writeHead(401).end()
    notices.push({ id: headers['webhook-id'] ?? '', body: JSON.parse(body) })
    response.writeHead(failures > 0 ? 500 : 204).end()
    failures = Math.max(0, failures - 1)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    notices,
    failNext() {
      failures = 1
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
