// A browser of a person who signed in to the console at an issuer, with its cookie.
import type { FakeProvider } from '../as/support/provider.ts'

export interface Browser {
  readonly cookie: string
  /** The page that it came to after the sign-in. */
  readonly arrived: { readonly status: number; readonly text: string }
  page(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Sends a form, and goes nowhere after it. */
  send(
    path: string,
    fields: readonly (readonly [string, string])[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string; readonly location: string | null }>
}

export function signInAt(provider: FakeProvider, origin: string, sub: string): Promise<Browser> {
  provider.idToken = { sub }
  return signInBy(origin, async (asked) => {
    const sent = await fetch(asked, { redirect: 'manual' })
    return new URL(sent.headers.get('location') ?? '')
  })
}

/** @param visit what the browser does at the issuer: from where it is sent to where it is sent back */
export async function signInBy(origin: string, visit: (asked: URL) => Promise<URL>): Promise<Browser> {
  const begun = await fetch(`${origin}/console/sign-in/people`, { redirect: 'manual' })
  const back = await visit(new URL(begun.headers.get('location') ?? ''))
  const arrived = await fetch(back, { headers: { cookie: pairs(begun) } })
  const cookie = pairs(arrived)
  return {
    ...{ cookie, arrived: { status: arrived.status, text: await arrived.text() } },
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
