// A browser at the administration port: the forms that it sends, and the cookie that it is given.
import type { AdminAnswer, AdminPort, Asked } from './admin-port.ts'

export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Of the link of a terminal. */
export const wordOf = (link: string) => new URL(link).searchParams.get('word') ?? ''
/** The whole Set-Cookie value. */
export const cookieIn = ({ headers }: AdminAnswer) => String(headers['set-cookie'])
export const pairIn = (answer: AdminAnswer) => cookieIn(answer).split(';', 1)[0] ?? ''

export function consoleVisit(port: () => AdminPort) {
  const post = (path: string, fields: Readonly<Record<string, string>>, headers: Asked['headers'] = {}) =>
    port().ask(path, {
      method: 'POST',
      headers: { 'content-type': FORM_TYPE, ...headers },
      body: String(new URLSearchParams(fields)),
    })
  return {
    post,
    /** By a new link of the terminal. */
    enter: async () => pairIn(await post('/console/enter', { word: wordOf(port().link()) })),
    /** What the session writes into its forms. */
    async formTokenOf(cookie: string): Promise<string> {
      const { body } = await port().ask('/console/form', { headers: { cookie } })
      return (JSON.parse(body) as { readonly formToken: string }).formToken
    },
    statusOf: async (path: string, cookie: string) =>
      (await port().ask(path, { headers: { cookie } })).status,
  }
}
