// A person at the pages of Keycloak and of oidc-provider, by plain HTTP: types name and password, agrees to what is asked.
import { type Agent, type Answer, refreshOf } from '../../as/support/agent.ts'

export const PASSWORD = 'interop-password'

const MAX_PAGES = 20

/** From this address on, until somebody is sent to one that begins with `until`; returns it without going there. */
export async function signInAt(agent: Agent, from: string, person: string, until: string): Promise<URL> {
  return goOn(agent, await agent.get(from), person, until)
}

/** The same from an answer on. */
export async function goOn(agent: Agent, from: Answer, person: string, until: string): Promise<URL> {
  let answer = from
  for (let page = 0; page < MAX_PAGES; page++) {
    const next = answer.location ?? refreshOf(answer)
    if (next?.startsWith(until)) return new URL(next)
    answer = next === undefined ? await fillIn(agent, answer, person) : await agent.get(next)
  }
  throw new Error(`more than ${MAX_PAGES} pages, the last one: ${answer.url}`)
}

function fillIn(agent: Agent, page: Answer, person: string): Promise<Answer> {
  const action = /<form[^>]*\saction="([^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&')
  if (action === undefined)
    throw new Error(`no form: ${page.status} ${page.url} ${page.body.slice(0, 2_000)}`)
  const to = new URL(action, page.url).href
  const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]))
  if (fields['prompt'] === 'login') return agent.post(to, { ...fields, login: person, password: PASSWORD })
  if (fields['prompt'] === 'consent') return agent.post(to, fields)
  if (page.body.includes('name="accept"')) return agent.post(to, { ...fields, accept: 'Yes' })
  if (page.body.includes('name="password"'))
    return agent.post(to, { ...fields, username: person, password: PASSWORD })
  throw new Error(`neither a login nor a consent: ${page.url} ${page.body.slice(0, 3_000)}`)
}
