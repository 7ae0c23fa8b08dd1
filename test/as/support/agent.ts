// A browser without a screen for HTTP tests: cookies by host, no redirect followed unless asked, forms submitted with
// what their page holds. Cookies are kept by name, as their attributes are asserted on the wire.

export interface Agent {
  readonly cookies: Map<string, string>
  /** Every Set-Cookie value that came, in order. */
  readonly setCookies: string[]
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** Follows redirects and pages that go on by themselves, until a page stays or leads off this machine. */
  follow(answer: Answer): Promise<Answer>
  /** Submits the form of a page that has a button of this name and value, with more fields laid over its own. */
  press(page: Answer, name: string, value: string, fields?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Answer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly location: string | undefined
}

/** `at`: a public origin that is really reached somewhere else. */
export function createAgent(at?: { readonly publicOrigin: string; readonly listening: string }): Agent {
  const reach = (url: string) =>
    at !== undefined && url.startsWith(`${at.publicOrigin}/`)
      ? at.listening + url.slice(at.publicOrigin.length)
      : url
  const cookies = new Map<string, string>()
  const setCookies: string[] = []
  const isHere = (url: string) => new URL(reach(url)).hostname === '127.0.0.1'
  const send = async (url: string, init: RequestInit): Promise<Answer> => {
    const headers = new Headers(init.headers)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (cookie !== '' && !headers.has('cookie')) headers.set('cookie', cookie)
    const response = await fetch(reach(url), { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      setCookies.push(set)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      const isOver = /max-age=0|expires=thu, 01 jan 1970/i.test(set)
      if (isOver || value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      headers: response.headers,
      body: await response.text(),
      location: location === null ? undefined : new URL(location, url).href,
    }
  }
  const agent: Agent = {
    cookies,
    setCookies,
    get: (url, headers = {}) => send(url, { headers }),
    post: (url, fields, headers = {}) =>
      send(url, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    async follow(answer) {
      let now = answer
      for (let step = 0; step < 15; step++) {
        const next = now.location ?? refreshOf(now)
        if (next === undefined || !isHere(next)) return now
        now = await agent.get(next)
      }
      throw new Error('more than 15 redirects')
    },
    press(page, name, value, fields = {}) {
      const form = formWith(page.body, name, value)
      return agent.post(new URL(form.action, page.url).href, { ...form.fields, [name]: value, ...fields })
    },
  }
  return agent
}

/** Where a page leads that goes on by itself. */
export function refreshOf({ body, url }: Answer): string | undefined {
  const target = /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(body)?.[1]
  return target === undefined ? undefined : new URL(unescapeHtml(target), url).href
}

interface Form {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

function formWith(body: string, name: string, value: string): Form {
  const forms = body.match(/<form[\s\S]*?<\/form>/g) ?? []
  const form = forms.find((one) => one.includes(`name="${name}" value="${value}"`))
  if (form === undefined) throw new Error(`no form with ${name}=${value} in: ${body.slice(0, 2_000)}`)
  const action = unescapeHtml(/action="([^"]*)"/.exec(form)?.[1] ?? '')
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  const fields = Object.fromEntries(hidden.map(([, key = '', text = '']) => [key, unescapeHtml(text)]))
  return { action, fields }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
