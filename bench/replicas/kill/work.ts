// What those who work during the kills have in common: they go on until they are told, and keep what each try came to.
import type { Answered, Cut } from '../wire.ts'

export interface Try {
  readonly what: 'call' | 'refresh' | 'sign-in' | 'proof'
  readonly fromMs: number
  readonly toMs: number
  /** `wrong`: nothing may explain it. */
  readonly came: 'answered' | 'refused' | 'cut' | 'wrong'
  /** Of a refusal, a cut, or what is wrong. */
  readonly why: string
  /** Of a call: its `X-Request-Id`. */
  readonly nonce?: string
}

export interface Work {
  readonly over: boolean
  readonly tries: Try[]
}

/** Those say that somebody is away for a moment; any other refusal is wrong here. */
const PASSING: readonly number[] = [502, 503, 504]

/** How an answer that is not the one that was asked for is told. */
export function refusalOf({ status, text }: Answered | Cut): Pick<Try, 'came' | 'why'> {
  const why = `${status} ${text.replace(/\s+/g, ' ').slice(0, 200)}`
  if (status === 0) return { came: 'cut', why: text }
  return { came: PASSING.includes(status) ? 'refused' : 'wrong', why }
}
