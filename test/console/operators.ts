// Named tokens of the administration port for tests of the console: one for each set of rights.
import { hash } from 'node:crypto'
import type { OperatorRight } from '../../src/core/operator.ts'

export const RIGHTS_OF: Readonly<Record<string, readonly OperatorRight[]>> = {
  viewer: ['view'],
  worker: ['view', 'operate'],
  judge: ['view', 'approve'],
  approver: ['approve'],
}

export const secretOf = (name: string) => `a long random word of ${name}`

/** Value of `admin` in a file. */
export const ADMIN = `{ listen: 127.0.0.1:0, tokens: [${Object.entries(RIGHTS_OF)
  .map(
    ([name, may]) =>
      `{ name: ${name}, hash: "sha256:${hash('sha256', secretOf(name))}", may: [${may.join(', ')}] }`,
  )
  .join(', ')}] }`

export function shownBy(name: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${secretOf(name)}` }
}

export interface Console {
  page(path: string, name: string): Promise<{ readonly status: number; readonly text: string }>
  /** Sends a form, and follows where it leads. */
  send(
    path: string,
    name: string,
    fields: readonly (readonly [string, string])[],
  ): Promise<{ readonly status: number; readonly text: string }>
}

export function consoleAt(adminOrigin: string): Console {
  const read = async (response: Response) => ({ status: response.status, text: await response.text() })
  return {
    page: async (path, name) =>
      read(await fetch(`${adminOrigin}/console${path}`, { headers: shownBy(name) })),
    async send(path, name, fields) {
      const sent = await fetch(`${adminOrigin}/console${path}`, {
        ...{ method: 'POST', redirect: 'manual', headers: shownBy(name) },
        body: new URLSearchParams(fields.map(([key, value]) => [key, value])),
      })
      if (sent.status !== 303) return read(sent)
      return read(
        await fetch(new URL(sent.headers.get('location') ?? '', adminOrigin), { headers: shownBy(name) }),
      )
    },
  }
}

/** The hidden fields of the form whose button has this label, or whose action this is. */
export function formWith(page: string, mark: string): (readonly [string, string])[] {
  const form = page.split('<form').find((each) => each.includes(mark)) ?? ''
  return [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, unescaped(value)] as const,
  )
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
