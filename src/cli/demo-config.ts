// The configuration the demo runs with: an ordinary gateway.yaml, so that what it shows can be copied.

export interface DemoPlaces {
  readonly publicUrl: string
  /** `127.0.0.1:8080` */
  readonly listen: string
  readonly issuer: string
  readonly upstream: string
  /** Path of the audit file: standard output is the transcript's. */
  readonly audit: string
}

export const DEMO_PATH = '/everything/mcp'

export function demoConfig({ publicUrl, listen, issuer, upstream, audit }: DemoPlaces): string {
  return `public_url: ${publicUrl}
listen: ${listen}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${audit} }
allowed_origins: [http://localhost:6274, http://127.0.0.1:6274]   # the MCP Inspector

issuers:
  dev: { issuer: ${issuer}, allow_insecure_issuer: true }

routes:
  - name: everything
    path: ${DEMO_PATH}
    upstream: ${upstream}
    issuers: [dev]
    scopes: [mcp:use]
    policy:
      rules:
        - { name: talk, tools: [echo], scopes: [mcp:use] }
        - { name: maths, tools: [get-sum], scopes: [math:use] }
        - { name: jobs, tools: [trigger-long-running-operation], scopes: [jobs:run] }
        - { name: no-environment, effect: deny, tools: [get-env] }
        - { name: prompts, prompts: ["*"], scopes: [mcp:use] }
`
}
