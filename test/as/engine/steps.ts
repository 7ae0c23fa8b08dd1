// Steps that several tests of the engine share: a client, a code for it, another time of day, an expected error.
import { expect, vi } from 'vitest'
import { type Answer, authorize, pkce, REDIRECT, register, type Scene } from './scene.ts'

/** Only the clock on the wall: sockets and timers go on. `vi.useRealTimers()` ends it. */
export function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
}

export async function newClient(scene: Scene): Promise<string> {
  return String((await register(scene)).json['client_id'])
}

export type NewCode = {
  readonly clientId: string
  readonly code: string
  readonly verifier: string
}

export async function newCode(scene: Scene, clientId: string, resource?: string): Promise<NewCode> {
  const { verifier, challenge } = pkce()
  const { params } = await authorize(scene, {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(resource === undefined ? {} : { resource }),
  })
  return { clientId, code: params.get('code') ?? '', verifier }
}

export function expectError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json['error']]).toEqual([status, error])
}

export function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
}

/** Whether the gateway would refuse it now. */
export async function isRevoked(scene: Scene, token: unknown): Promise<boolean> {
  return (await scene.server.isRevoked(claimsOf(token))) !== false
}
