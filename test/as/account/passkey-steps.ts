// Steps of a person with passkeys, over the socket, at a server whose public URL is https.
import { expect } from 'vitest'
import type { Agent, Answer } from '../support/agent.ts'
import { PASSWORD, type Scene } from '../support/scene.ts'
import { type Changes, createSoftPasskey, type SoftPasskey } from '../support/soft-passkey.ts'
import { agentOf, openSignIn, PUBLIC } from './steps.ts'

export const PASSKEYS = `${PUBLIC}/account/passkeys`

const unescaped = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** What the page gives to its script. */
export const optionsOf = ({ body }: Answer) => unescaped(/data-options="([^"]*)"/.exec(body)?.[1] ?? '')

/** Sends the form of a page that goes to a path, with its hidden fields. */
export function sendForm(
  agent: Agent,
  page: Answer,
  action: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const form = page.body.match(/<form[\s\S]*?<\/form>/g)?.find((one) => one.includes(`action="${action}"`))
  const hidden = [...(form ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  expect(hidden.length).toBeGreaterThan(0)
  const own = Object.fromEntries(hidden.map(([, key = '', text = '']) => [key, text]))
  return agent.post(PUBLIC + action, { ...own, ...fields })
}

/** @param current the scene of the test that runs */
export function passkeySteps(current: () => Scene) {
  /** At the page of their passkeys, with their password. */
  async function enter(name = 'alice'): Promise<Agent> {
    const agent = agentOf(current())
    const page = await openSignIn(agent, PASSKEYS)
    await agent.press(page, 'with', 'password', { name, password: PASSWORD })
    return agent
  }

  async function add(agent: Agent, passkey: SoftPasskey, changes: Changes = {}, name = 'My key') {
    const page = await agent.get(PASSKEYS)
    const fields = { name, passkey: passkey.create(optionsOf(page), changes) }
    return await sendForm(agent, page, '/account/passkeys/add', fields)
  }

  return {
    enter,
    add,
    kept: () => current().engine.store.passkeys.of('alice'),
    eventsOf: (name: string) => current().events.filter(({ event }) => event === name),
    /** Somebody with a passkey, and their browser. */
    async withPasskey(): Promise<{ readonly agent: Agent; readonly passkey: SoftPasskey }> {
      const agent = await enter()
      const passkey = createSoftPasskey(PUBLIC)
      expect((await add(agent, passkey)).location).toBe(`${PASSKEYS}/added`)
      return { agent, passkey }
    },
    /** In another browser. */
    async signInWith(passkey: SoftPasskey, changes: Changes = {}) {
      const agent = agentOf(current())
      const page = await agent.get(`${PUBLIC}/account`)
      const fields = { with: 'passkey', passkey: passkey.get(optionsOf(page), changes) }
      return { agent, answer: await sendForm(agent, page, '/account/sign-in', fields) }
    },
  }
}
