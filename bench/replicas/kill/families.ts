// Clients that refresh without end. One that was cut or refused for a moment asks again with the same token, as clients do.
import { setTimeout as pause } from 'node:timers/promises'
import { type Connected, refresh, tokensOf } from '../people.ts'
import type { Stage } from '../stage.ts'
import { refusalOf, type Work } from './work.ts'

const PAUSE_MS = 100

export interface Family {
  readonly clientId: string
  /** Every refresh token that was answered, oldest first. */
  readonly tokens: string[]
}

export function familyOf({ clientId, refreshToken }: Connected): Family {
  return { clientId, tokens: [refreshToken] }
}

export async function keepRefreshing(stage: Stage, family: Family, work: Work): Promise<void> {
  while (!work.over) {
    const came = await refreshOnce(stage, family, work)
    if (came === 'wrong') return
    await pause(PAUSE_MS)
  }
}

export async function refreshOnce(stage: Stage, { clientId, tokens }: Family, work: Work): Promise<string> {
  const fromMs = performance.now()
  const answer = await refresh(stage, clientId, tokens.at(-1) ?? '')
  const given = tokensOf(answer)
  const told = given === undefined ? refusalOf(answer) : { came: 'answered' as const, why: '' }
  if (given !== undefined) tokens.push(given.refreshToken)
  work.tries.push({ what: 'refresh', fromMs, toMs: performance.now(), ...told })
  return told.came
}
