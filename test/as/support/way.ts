// The way of a person through a fake outside provider, for the tests of it.
import { expect } from 'vitest'
import type { ProviderAllow, ProviderSettings, SignInSettings } from '../../../src/core/settings-as.ts'
import { type Agent, type Answer, createAgent } from './agent.ts'
import { type FakeProvider, startProvider } from './provider.ts'
import { type Scene, type SceneOptions, SETTINGS, startScene } from './scene.ts'

export const NOBODY: ProviderAllow = { subjects: [], domains: [], groups: [], organizations: [] }
export const EVERYBODY: ProviderAllow = { ...NOBODY, subjects: ['*'] }

export interface Way {
  readonly provider: FakeProvider
  readonly scene: Scene
  /** From the client to the button of the provider, pressed; the address that the provider sends the browser back to. */
  depart(agent: Agent, url?: string): Promise<string>
  /** The same from the page that has the button. */
  departFrom(agent: Agent, page: Answer): Promise<string>
  /** The whole way; ends on the consent page, or where it was refused. */
  signIn(agent?: Agent): Promise<Answer>
  expectRefused(answer: Answer, status?: number): void
  close(): Promise<void>
}

export interface WayOptions extends Pick<SceneOptions, 'publicUrl' | 'clients'> {
  /** Laid over the settings of the provider. */
  readonly signIn?: Partial<SignInSettings>
  readonly over?: Partial<ProviderSettings> | ((provider: FakeProvider) => Partial<ProviderSettings>)
}

export async function startWay(
  allow: ProviderAllow,
  kind: 'oidc' | 'oauth' = 'oidc',
  { over = {}, signIn = {}, ...more }: WayOptions = {},
): Promise<Way> {
  const provider = await startProvider()
  const providers = new Map([
    [
      'fake',
      { ...settingsOf(provider, allow, kind), ...(typeof over === 'function' ? over(provider) : over) },
    ],
  ])
  const scene = await startScene({
    ...more,
    settings: { signIn: { ...SETTINGS.signIn, ...signIn, providers } },
  })
  const departFrom = async (agent: Agent, page: Answer) => {
    const leave = await agent.press(page, 'provider', 'fake', { with: 'provider' })
    expect(leave.status).toBe(303)
    const leaving = await agent.get(leave.location ?? '')
    const authorize = /content="0; url=([^"]*)"/.exec(leaving.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(new URL(authorize).origin).toBe(provider.url)
    const back = await fetch(authorize, { redirect: 'manual' })
    return back.headers.get('location') ?? ''
  }
  const depart = async (agent: Agent, url = scene.authorizeUrl()) =>
    await departFrom(agent, await agent.follow(await agent.get(url)))
  return {
    provider,
    scene,
    depart,
    departFrom,
    signIn: async (agent = createAgent()) => await agent.follow(await agent.get(await depart(agent))),
    expectRefused(answer, status = 400) {
      // Where it is certain who began, the page to sign in comes again; else an error.
      const isBack = answer.status === 303 && /\/(?:interaction\/[^/]+|account)$/.test(answer.location ?? '')
      const isPageAgain = answer.status === 200 && answer.body.includes('<h1>Sign in')
      expect(isBack || isPageAgain ? status : answer.status).toBe(status)
      if (!isBack) expect(answer.body).toContain('role="alert"')
      expect(scene.events.at(-1)).toMatchObject({ event: 'sign_in_refused' })
    },
    async close() {
      await scene.close()
      await provider.close()
    },
  }
}

export function expectConsent(answer: Answer): void {
  expect([answer.status, answer.body.includes('Notes for Claude wants to use')]).toEqual([200, true])
}

function settingsOf({ url }: FakeProvider, allow: ProviderAllow, kind: 'oidc' | 'oauth'): ProviderSettings {
  const endpoints = {
    authorization: `${url}/authorize`,
    token: `${url}/oauth-token`,
    userinfo: `${url}/user`,
  }
  return {
    name: 'fake',
    label: 'Fake',
    issuer: kind === 'oidc' ? url : undefined,
    endpoints: kind === 'oauth' ? endpoints : undefined,
    allowInsecureIssuer: true,
    clientId: 'portcullis-at-fake',
    clientSecret: undefined,
    scopes: kind === 'oidc' ? ['openid', 'email'] : ['read:user', 'user:email', 'read:org'],
    claims: { subject: kind === 'oidc' ? 'sub' : 'id', name: 'name', email: 'email', groups: 'groups' },
    allow,
  }
}
