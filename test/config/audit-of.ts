// A configuration that is whole but for its `audit`, as it is loaded.
import { parseConfig } from '../../src/config/load.ts'

/** @param audit the value of the key, in YAML */
export function loadedWithAudit(audit: string, env: Readonly<Record<string, string>>) {
  const text = `public_url: http://127.0.0.1:8080
audit: ${audit}
issuers: { corp: { issuer: "https://login.test" } }
routes:
  - name: notes
    path: /mcp/notes
    upstream: http://127.0.0.1:1/mcp
    issuers: [corp]
    policy: { rules: [{ name: all, tools: [list], scopes: [read] }] }
`
  return parseConfig(text, { file: '/etc/gate/gateway.yaml', env })
}
