// A browser of a person who signed in to the console at an issuer elsewhere (test/as/support/provider.ts), with its cookie.
import type { FakeProvider } from '../as/support/provider.ts'

export interface Browser {
  readonly cookie: string
  page(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Sends a form, and goes nowhere after it. */
  send(
    path: string,
    fields: readonly (readonly [string, string])[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string; readonly location: string | null }>
}

export async function signInAt(provider: FakeProvider, origin: string, sub: string): Promise<Browser> {
  provider.idToken = { sub }
  const begun = await fetch(`${origin}/console/sign-in/people`, { redirect: 'manual' })
  const sent = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' })
  const arrived = await fetch(sent.headers.get('location') ?? '', { headers: { cookie: pairs(begun) } })
  const cookie = pairs(arrived)
  return {
    cookie,
    async page(path) {
      const response = await fetch(`${origin}/console${path}`, { headers: { cookie } })
      return { status: response.status, text: await response.text() }
    },
    async send(path, fields, headers = {}) {
      const response = await fetch(`${origin}/console${path}`, {
        ...{ method: 'POST', redirect: 'manual', headers: { cookie, ...headers } },
        body: new URLSearchParams(fields.map(([name, value]) => [name, value])),
      })
      const location = response.headers.get('location')
      return { status: response.status, text: await response.text(), location }
    },
  }
}

function pairs({ headers }: Response): string {
  const kept = headers.getSetCookie().filter((cookie) => !cookie.includes('Max-Age=0'))
  return kept.map((cookie) => cookie.split(';', 1)[0]).join('; ')
}
