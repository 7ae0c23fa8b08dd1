// A DPoP proof that was used at one replica is refused at every other, and at the same.
import { JKT, proofFor } from '../../test/support/dpop.ts'
import { echo } from './calls.ts'
import type { Check } from './check.ts'
import type { Stage } from './stage.ts'
import { send } from './wire.ts'

/** As many to each replica, one after the other: both workers have one. */
const TIMES = 2

export const PROOFS: Check = {
  name: 'proofs',
  async run(stage) {
    const url = stage.url('world')
    const token = stage.token('world', 'prover', { cnf: { jkt: JKT } })
    const show = async (port: number, proof: string) => {
      const { body, headers } = echo('proved')
      const shown = { ...headers, authorization: `DPoP ${token}`, dpop: proof }
      return await send(url, port, { body, headers: shown })
    }
    const taken: boolean[] = []
    const again: number[] = []
    for (const first of stage.replicas) {
      const nonce = await learnNonce(stage, (port) => show(port, proofFor(url, token)))
      const proof = proofFor(url, token, { claims: { nonce } })
      taken.push((await show(first.port, proof)).status === 200)
      for (const { port } of stage.replicas)
        for (let times = 0; times < TIMES; times += 1) again.push((await show(port, proof)).status)
    }
    const nonce = await learnNonce(stage, (port) => show(port, proofFor(url, token)))
    const atOnce = proofFor(url, token, { claims: { nonce } })
    const raced = await Promise.all(
      stage.replicas.flatMap(({ port }) => Array.from({ length: TIMES }, () => show(port, atOnce))),
    )
    const refused = again.filter((status) => status === 401).length
    const winners = raced.filter(({ status }) => status === 200).length
    return [
      {
        what: `${taken.filter(Boolean).length} proofs taken, one at each replica`,
        good: taken.every(Boolean),
      },
      {
        what: `${refused} of ${again.length} times the same proof was refused with 401, wherever it was shown`,
        good: refused === again.length,
      },
      { what: `one proof at ${raced.length} places at once: taken ${winners} times`, good: winners === 1 },
    ]
  },
}

/** A store that is new asks for one (docs/scaling.md). */
async function learnNonce(
  { port }: Stage,
  show: (port: number) => ReturnType<typeof send>,
): Promise<string | undefined> {
  const nonce = (await show(port)).headers['dpop-nonce']
  return typeof nonce === 'string' ? nonce : undefined
}
