// What a client asks at /authorize, with every member changeable, and how the answers to it look.
import { expect } from 'vitest'
import { type Answer, ask, authorize, REDIRECT, type Scene } from './scene.ts'

/** `undefined` leaves a parameter out. */
export type Changes = Readonly<Record<string, string | undefined>>

export function asked(clientId: string, challenge: string, changes: Changes = {}): Record<string, string> {
  const params = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return Object.fromEntries(
    Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

/** The first answer, before anybody signs in. */
export function begin(
  scene: Scene,
  query: Readonly<Record<string, string>> | URLSearchParams,
): Promise<Answer> {
  return ask(`${scene.origin}/authorize?${new URLSearchParams(query)}`)
}

/** Told on a page, and no redirect to anywhere. */
export function expectPage(answer: Answer, error?: string): void {
  expect(answer.status).toBe(400)
  expect(answer.headers.get('location')).toBeNull()
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
  if (error !== undefined) expect(answer.text).toMatch(new RegExp(`^error ${error} `))
}

/** Told to the client, with iss (RFC 9207 §2) and without a code. */
export async function expectTold(
  scene: Scene,
  params: Readonly<Record<string, string>>,
  error: string,
): Promise<void> {
  const { params: back } = await authorize(scene, params)
  expect([back.get('error'), back.get('iss'), back.has('code')]).toEqual([error, scene.origin, false])
}
