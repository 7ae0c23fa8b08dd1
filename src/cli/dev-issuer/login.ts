// What a browser would do at the development issuer: follow the redirects from /authorize on, with cookies, until one
// leads out. Done inside the process, so that a client gets its code in the first answer (curl shows no page).
import type { CallerFetch } from '../../as/browser/in-process-fetch.ts'

/** From /authorize to sign-in, back, to consent, back, and some to spare. */
const MAX_REDIRECTS = 10

/** The answer that a browser would end with: a redirect to the client, or a page that says what is wrong. */
export async function followLogin(
  start: URL,
  accept: string | undefined,
  { ask }: Pick<CallerFetch, 'ask'>,
): Promise<Response> {
  const cookies = new Map<string, string>()
  let at = start
  for (let redirects = 0; ; redirects++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(at.href, {
      headers: { accept: accept ?? 'text/html', ...(cookie === '' ? {} : { cookie }) },
    })
    for (const set of answer.headers.getSetCookie()) keepCookie(cookies, set)
    const location = answer.headers.get('location')
    const next = location === null ? null : URL.parse(location, at)
    if (next?.origin !== start.origin || redirects === MAX_REDIRECTS) return answer
    at = next
  }
}

function keepCookie(cookies: Map<string, string>, set: string): void {
  const [pair = ''] = set.split(';', 1)
  const equals = pair.indexOf('=')
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)]
  if (value === '') cookies.delete(name)
  else cookies.set(name, value)
}
