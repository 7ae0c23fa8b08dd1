// A small gateway.yaml for the tests of the commands that read one.

export const RESOURCE = 'http://127.0.0.1:8080/notes/mcp'

export function gatewayYaml(rules: readonly string[] = [], issuer = 'http://127.0.0.1:9'): string {
  const lines = [
    '{ name: reading, tools: [list_notes], scopes: [notes:read] }',
    '{ name: writing, tools: ["*_note"], except: [purge_note], scopes: [notes:write] }',
    '{ name: never, effect: deny, tools: [drop_note] }',
    ...rules,
  ]
  return `public_url: http://127.0.0.1:8080
listen: 127.0.0.1:8080
issuers:
  dev: { issuer: ${issuer}, allow_insecure_issuer: true }
routes:
  - name: notes
    path: /notes/mcp
    upstream: http://127.0.0.1:3001/mcp
    issuers: [dev]
    scopes: [notes:read]
    policy:
      rules:
${lines.map((line) => `        - ${line}`).join('\n')}
`
}
