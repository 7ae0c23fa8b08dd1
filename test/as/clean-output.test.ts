// What the process writes with an embedded authorization server: its own log, and no word of the packages it is made
// of, at the start or while people sign in.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openOperator } from '../../src/as/operate/operator.ts'
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { freePort } from '../support/free-port.ts'
import { startProcess } from '../support/process.ts'
import { pkce, post, postForm } from './clients/whole.ts'

const PASSWORD = 'correct horse battery'
const REDIRECT = 'https://desk.example.com/callback'

test('run: every line of standard error is a line of the log', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-clean-'))
  const data = join(folder, 'as.sqlite')
  const gateway = await startProcess({ yaml: yaml(origin, data) })
  const operator = await openOperator({
    settings: { data, cookieSecret: undefined },
    clock: { now: () => Date.now() },
    actor: 'operator olga',
  })
  await operator.users.add('ada', PASSWORD)
  await operator.close()
  expect(await signIn(origin)).toBe(200)
  const lines = gateway
    .log()
    .split('\n')
    .filter((line) => line !== '')
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.filter((line) => !line.startsWith('{"level":'))).toEqual([])
  await gateway.kill()
  rmSync(folder, { recursive: true, force: true })
})

function yaml(origin: string, data: string): string {
  return `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
issuers: { builtin: { embedded: true } }
authorization_server: { data: ${data} }
routes:
  - name: notes
    path: /notes/mcp
    upstream: http://127.0.0.1:9/mcp
    issuers: [builtin]
    scopes: [notes:read]
    policy: { rules: [{ name: reading, tools: [safe], scopes: [notes:read] }] }
`
}

/** The status of the answer with the tokens. */
async function signIn(origin: string): Promise<number> {
  const { json } = await post(`${origin}/register`, {
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
  })
  const { verifier, challenge } = pkce()
  const clientId = String(json['client_id'])
  const asked = { response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, scope: 'notes:read' }
  const proof = { code_challenge: challenge, code_challenge_method: 'S256' }
  const url = new URL(`${origin}/authorize?${new URLSearchParams({ ...asked, ...proof })}`)
  const landed = await createDemoPerson({ name: 'ada', password: PASSWORD, fetch }).browse(url)
  const code = landed.searchParams.get('code') ?? ''
  const redeemed = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: REDIRECT, code }
  return (await postForm(`${origin}/token`, { ...redeemed, code_verifier: verifier })).status
}
