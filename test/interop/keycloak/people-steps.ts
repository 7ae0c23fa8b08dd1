// Keycloak where people sign in: as a provider of the embedded authorization server, by groups, and as the issuer of
// browsers that bring a session instead of a token.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openV2 } from '../../../src/cli/demo/client-v2.ts'
import { DemoLogin, REDIRECT_URL } from '../../../src/cli/demo/login.ts'
import { openDemoSession } from '../../../src/cli/demo/session.ts'
import { createWire } from '../../../src/cli/demo/wire.ts'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { type Agent, createAgent } from '../../as/support/agent.ts'
import { goOn, signInAt } from '../harness/person.ts'
import { settingsOf } from '../harness/preset.ts'
import { callWith } from './plain-client.ts'
import { WEB } from './realm.ts'
import type { Steps } from './steps.ts'
import type { World } from './world.ts'

const RULES = 'policy: { rules: [{ name: reading, tools: [list_notes] }] }'

export function peopleSteps({ step }: Steps, world: () => World): void {
  step('people of a group sign in at the embedded server through Keycloak, others do not', async () => {
    const { realm, notes, signInOrigin: origin } = world()
    const gateway = await start(
      origin,
      `
issuers: { builtin: { embedded: true } }
authorization_server:
  data: FOLDER/data
  cookie_secret: ${'c0ffee'.repeat(8)}5eed
  sign_in:
    passwords: false
    providers:
      keycloak:
        issuer: ${realm.issuer}
        allow_insecure_issuer: true
        client_id: ${WEB.id}
        client_secret: ${WEB.secret}
        allow: { groups: [writers] }
  grants:
    - { who: { groups: [writers] }, scopes: [notes:read] }
routes:
  - { name: notes, path: /notes/mcp, upstream: "${notes.url}", issuers: [builtin], scopes: [notes:read], ${RULES} }
`,
    )
    const session = await openAs(origin, 'ada')
    await session.signIn()
    expect(await session.call('list_notes', {})).toBe('no notes')
    await session.close()
    const refused = await openAs(origin, 'grace')
    await expect(refused.signIn()).rejects.toThrow()
    expect(gateway.audit()).toContain('in none of the groups')
    await gateway.close()
  })
  step('a browser signs in at Keycloak, and calls with its session', async () => {
    const { realm, notes, browserOrigin: origin } = world()
    const gateway = await start(
      origin,
      `
issuers: { corp: { issuer: "${realm.issuer}", allow_insecure_issuer: true } }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${notes.url}
    issuers: [corp]
    scopes: [notes:read]
    ${RULES}
    browser: { issuer: corp, client_id: ${WEB.id}, client_secret: ${WEB.secret} }
`,
    )
    const agent = createAgent()
    const back = await signInAt(agent, `${origin}/auth/login`, 'ada', `${origin}/auth/callback`)
    await agent.follow(await agent.get(back.href))
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, origin, 'x-portcullis-request': '1' }
    const status = JSON.parse((await agent.get(`${origin}/auth/status`)).body)
    expect(status).toMatchObject({ authenticated: true, subject: realm.people.ada })
    expect((await callWith(`${origin}/notes/mcp`, headers)).status).toBe(200)
    await gateway.close()
  })
}

async function start(origin: string, yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-keycloak-'))
  const audit = join(folder, 'audit.jsonl')
  const around = `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${audit}, required: true }
`
  const settings = settingsOf(around + yaml.replaceAll('FOLDER', folder), {})
  const running = await startGateway({ settings, log: createLog('error', process.stderr) })
  return {
    audit: () => readFileSync(audit, 'utf8'),
    async close() {
      await running.close(100)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function openAs(origin: string, person: string) {
  const login = new DemoLogin({
    clientName: 'interop',
    grantTypes: ['authorization_code', 'refresh_token'],
    browse: (asked) => throughKeycloak(createAgent(), asked.href, origin, person),
  })
  return openDemoSession(openV2, `${origin}/notes/mcp`, login, createWire())
}

/** Chooses Keycloak at the page of the embedded server, signs in there, and agrees to what the client asks. */
async function throughKeycloak(agent: Agent, asked: string, origin: string, person: string): Promise<URL> {
  const page = await agent.follow(await agent.get(asked))
  const leave = await agent.press(page, 'provider', 'keycloak', { with: 'provider' })
  const back = await goOn(agent, leave, person, `${origin}/sign-in/callback/`)
  const consent = await agent.follow(await agent.get(back.href))
  return goOn(agent, await agent.press(consent, 'answer', 'allow'), person, REDIRECT_URL)
}
