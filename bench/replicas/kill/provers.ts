// A DPoP proof shown at two replicas at once is taken at one of them at most, also while the store comes and goes.
import { setTimeout as pause } from 'node:timers/promises'
import { JKT, proofFor } from '../../../test/support/dpop.ts'
import { echo } from '../calls.ts'
import type { Stage } from '../stage.ts'
import { send } from '../wire.ts'
import { refusalOf, type Work } from './work.ts'

const PAUSE_MS = 100

export async function keepProving(stage: Stage, work: Work): Promise<void> {
  const url = stage.url('world')
  const token = stage.token('world', 'prover', { cnf: { jkt: JKT } })
  const { body, headers } = echo('proved')
  const show = (port: number, proof: string) =>
    send(url, port, { body, headers: { ...headers, authorization: `DPoP ${token}`, dpop: proof } })
  let nonce: string | undefined
  for (let n = 0; !work.over; n += 1) {
    const fromMs = performance.now()
    const proof = proofFor(url, token, nonce === undefined ? {} : { claims: { nonce } })
    const places = [0, 1].map((more) => stage.replicas[(n + more) % stage.replicas.length]?.port ?? 0)
    const answers = await Promise.all(places.map((port) => show(port, proof)))
    const taken = answers.filter(({ status }) => status === 200).length
    const asked = answers.map((answer) => answer.headers['dpop-nonce']).find(Boolean)
    nonce = typeof asked === 'string' ? asked : nonce
    const common = { what: 'proof' as const, fromMs, toMs: performance.now() }
    if (taken > 1) work.tries.push({ ...common, came: 'wrong', why: `a proof was taken ${taken} times` })
    else if (taken === 1) work.tries.push({ ...common, came: 'answered', why: '' })
    else if (asked === undefined) {
      const [first] = answers.filter(({ status }) => status !== 401)
      work.tries.push({ ...common, ...(first === undefined ? REFUSED : refusalOf(first)) })
    }
    await pause(PAUSE_MS)
  }
}

/** By both: it was taken, and its answer was lost with its process. */
const REFUSED = { came: 'refused' as const, why: '401 at both' }
