// Asserts that a subject answers correctly before it is measured, so that no error page is ever timed.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { REPLY_BODY, REQUEST_BODY, REQUEST_HEADERS, type Scene } from './scene.ts'
import type { Subject } from './subjects/subject.ts'

const TOKENS_TRIED = 3

export async function assertCorrect(scene: Scene, subject: Subject): Promise<void> {
  for (const token of scene.tokens.slice(0, TOKENS_TRIED)) {
    const answer = await call(subject.url, token)
    strictEqual(answer.status, 200, `${subject.name}: a good token must pass, got ${answer.body}`)
    deepStrictEqual(
      JSON.parse(answer.body),
      JSON.parse(REPLY_BODY),
      `${subject.name}: the reply must be whole`,
    )
  }
  if (!subject.checksTokens) return
  for (const token of [scene.badToken, undefined]) {
    const { status } = await call(subject.url, token)
    ok(
      status === 401 || status === 403,
      `${subject.name}: a bad or absent token must be refused, got ${status}`,
    )
  }
}

async function call(url: string, token: string | undefined): Promise<{ status: number; body: string }> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { ...REQUEST_HEADERS, ...authorization }
  const response = await fetch(url, { method: 'POST', headers, body: REQUEST_BODY })
  return { status: response.status, body: await response.text() }
}
