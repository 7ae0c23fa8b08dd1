// Steps of a person with a password, in a browser without a screen, at a server whose public URL is https.
import { expect } from 'vitest'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { PASSWORD, type Scene } from '../support/scene.ts'

export const PUBLIC = 'https://mcp.example.com'
export const SITE = 'https://client.example.com/callback'

export function agentOf({ listening }: Scene): Agent {
  return createAgent({ publicOrigin: PUBLIC, listening })
}

/** Where the client `site` sends the browser. */
export function siteUrl(scene: Scene, client = 'site', more: Readonly<Record<string, string>> = {}): string {
  return scene.authorizeUrl(client, { redirect_uri: SITE, ...more })
}

export async function openSignIn(agent: Agent, url: string): Promise<Answer> {
  const page = await agent.follow(await agent.get(url))
  expect(page.body).toContain('type="password"')
  return page
}

/** To the consent page. */
export async function signIn(agent: Agent, url: string): Promise<Answer> {
  const page = await openSignIn(agent, url)
  const signedIn = await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
  expect(signedIn.status).toBe(303) // A06
  return await agent.follow(signedIn)
}

/** To the address that the client is sent to, which is not asked. */
export async function leaveWith(agent: Agent, answered: Answer): Promise<URL> {
  expect(answered.status).toBe(303)
  const leave = await agent.get(answered.location ?? '')
  const resume = /content="0; url=([^"]*)"/.exec(leave.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const out = await agent.get(new URL(resume, PUBLIC).href)
  expect(out.status).toBe(303)
  return new URL(out.location ?? '')
}

export async function allow(agent: Agent, page: Answer): Promise<URL> {
  return await leaveWith(agent, await agent.press(page, 'answer', 'allow'))
}
