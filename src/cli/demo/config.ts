// The configuration the demo runs with: an ordinary gateway.yaml, so that what it shows can be copied. The same server
// twice: behind the authorization server in this process, and behind an issuer that stands somewhere else.
import { INSPECTOR_ORIGINS } from '../shared/inspector.ts'

export interface DemoAddresses {
  readonly publicUrl: string
  /** `127.0.0.1:8080` */
  readonly listen: string
  readonly issuer: string
  readonly upstream: string
  /** Path of the audit file: standard output is the transcript's. */
  readonly audit: string
  /** Path of the SQLite file. */
  readonly data: string
  /** Host of the demo's client metadata document, and the path of a PEM file with its authority. */
  readonly documentHost: string
  readonly ca: string
}

export const DEMO_PATH = '/everything/mcp'
export const EXTERNAL_PATH = '/external/mcp'

export function demoConfig(places: DemoAddresses): string {
  const { publicUrl, listen, issuer, upstream, audit, data, documentHost, ca } = places
  const route = (name: string, path: string, trusted: string) => `  - name: ${name}
    path: ${path}
    upstream: ${upstream}
    issuers: [${trusted}]
    scopes: [mcp:use]
    policy:
      rules:
        - { name: talk, tools: [echo], scopes: [mcp:use] }
        - { name: maths, tools: [get-sum], scopes: [math:use] }
        - { name: jobs, tools: [trigger-long-running-operation], scopes: [jobs:run] }
        - { name: no-environment, effect: deny, tools: [get-env] }
        - { name: prompts, prompts: ["*"], scopes: [mcp:use] }
`
  return `public_url: ${publicUrl}
listen: ${listen}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${audit} }
allowed_origins: [${INSPECTOR_ORIGINS.join(', ')}]   # the MCP Inspector

issuers:
  builtin: { embedded: true }
  dev: { issuer: ${issuer}, allow_insecure_issuer: true }

authorization_server:
  data: ${data}
  registration:
    client_id_metadata: { allow_private_hosts: ["${documentHost}"], ca: "file:${ca}" }   # for the demo's own client
  scopes:
    mcp:use: Use this server in your name
    math:use: Calculate
    jobs:run: Run long jobs

routes:
${route('everything', DEMO_PATH, 'builtin')}${route('external', EXTERNAL_PATH, 'dev')}`
}
