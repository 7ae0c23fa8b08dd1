// A scripted person with a browser that has no screen: keeps cookies, follows redirects, signs in and agrees by the
// forms of the pages. Reads pages as text, so it can only walk through pages of our own.
import type { Fetch } from './wire.ts'

export interface DemoPerson {
  /** Goes where a client sends the browser; the result is where the browser leaves the site to. */
  readonly browse: (url: URL) => Promise<URL>
  /** What the pages said since the last call, oldest first. */
  takePages(): readonly PageSeen[]
}

export interface PageSeen {
  /** Its title. */
  readonly heading: string
  /** What a consent page asks for; what is new is marked by the page. */
  readonly asked: readonly string[]
  /** What the page says went wrong. */
  readonly problem: string | undefined
}

export interface DemoPersonOptions {
  readonly name: string
  readonly password: string
  readonly fetch: Fetch
}

const MAX_STEPS = 20

/** Throws when a page is not one that can be answered. */
export function createDemoPerson({ name, password, fetch }: DemoPersonOptions): DemoPerson {
  const cookies = new Map<string, string>()
  let pages: PageSeen[] = []
  const load = async (url: URL, form?: URLSearchParams): Promise<Step> => {
    const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(form === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
      },
      ...(form === undefined ? {} : { method: 'POST', body: form.toString() }),
    })
    for (const set of answer.headers.getSetCookie()) keepCookie(cookies, set)
    const html = await answer.text()
    const next = answer.headers.get('location') ?? refreshIn(html)
    return { url, html, status: answer.status, next: next === undefined ? undefined : new URL(next, url) }
  }
  const answerPage = async ({ url, html, status }: Step): Promise<Step> => {
    const page = pageIn(html)
    pages.push(page)
    if (page.problem !== undefined) throw new Error(`the page says: ${page.problem}`)
    const answer = answerTo(html, { name, password })
    if (answer === undefined) throw new Error(`the page cannot be answered (${status}): ${page.heading}`)
    return await load(new URL(answer.action, url), answer.fields)
  }
  return {
    async browse(start) {
      let step = await load(start)
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        const { next } = step
        if (next !== undefined && next.origin !== start.origin) return next
        step = next === undefined ? await answerPage(step) : await load(next)
      }
      throw new Error('the sign-in goes round in circles')
    },
    takePages() {
      const taken = pages
      pages = []
      return taken
    },
  }
}

interface Step {
  readonly url: URL
  readonly html: string
  readonly status: number
  readonly next: URL | undefined
}

function keepCookie(cookies: Map<string, string>, set: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
  if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(set)) cookies.delete(name)
  else cookies.set(name, value)
}

interface FormAnswer {
  readonly action: string
  readonly fields: URLSearchParams
}

/** The sign-in form filled in, or the consent given; undefined for any other page. */
function answerTo(
  html: string,
  { name, password }: { readonly name: string; readonly password: string },
): FormAnswer | undefined {
  const signIn = formWith(html, 'with', 'password')
  if (signIn !== undefined) {
    signIn.fields.set('name', name)
    signIn.fields.set('password', password)
    return signIn
  }
  return formWith(html, 'answer', 'allow')
}

/** The form that has a button of this name and value, with its hidden fields and that button pressed. */
function formWith(html: string, name: string, value: string): FormAnswer | undefined {
  const form = html
    .match(/<form[\s\S]*?<\/form>/g)
    ?.find((one) => one.includes(`name="${name}" value="${value}"`))
  if (form === undefined) return undefined
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  const fields = new URLSearchParams(hidden.map(([, key = '', text = '']) => [key, plain(text)]))
  fields.set(name, value)
  return { action: plain(/action="([^"]*)"/.exec(form)?.[1] ?? ''), fields }
}

function refreshIn(html: string): string | undefined {
  const target = /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(html)?.[1]
  return target === undefined ? undefined : plain(target)
}

function pageIn(html: string): PageSeen {
  const items = html.split('<ul').slice(1).flatMap(itemsOf)
  const problem = /<div [^>]*role="alert"[^>]*>([\s\S]*?)<\/div>/.exec(html)?.[1]
  return {
    heading: plain(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? 'a page without a title'),
    asked: items,
    problem: problem === undefined ? undefined : textOf(problem),
  }
}

/** A consent page has a list for what is new. */
function itemsOf(list: string): string[] {
  const mark = list.includes('aria-labelledby="new"') ? ' new' : ''
  return [...list.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item = '']) => textOf(item) + mark)
}

function textOf(markup: string): string {
  return plain(markup.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim()
}

function plain(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
