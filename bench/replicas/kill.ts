// kill -9 of a random process, again and again, while clients call, refresh, sign in and prove: nothing that was
// acknowledged is lost, nothing is doubled, nobody gets the answer of another, and the audit has an end for every call.
import { setTimeout as pause } from 'node:timers/promises'
import { beginSession } from './calls.ts'
import type { Check } from './check.ts'
import { type Caller, keepCalling, keepWaiting } from './kill/callers.ts'
import { type Family, familyOf, keepRefreshing, refreshOnce } from './kill/families.ts'
import { judgeAudit, judgeTokens, judgeTries } from './kill/judge.ts'
import { keepProving } from './kill/provers.ts'
import { createRandom } from './kill/random.ts'
import { keepSigningIn, type SignedIn } from './kill/sign-ins.ts'
import { type Death, killOne } from './kill/victims.ts'
import type { Try } from './kill/work.ts'
import { addPeople, connect } from './people.ts'
import type { Stage } from './stage.ts'

const CALLERS = 3
/** Each has one slow call under way, always. */
const WAITING = 6
const FAMILIES = 3
const PEOPLE = 2
/** Between two kills, at least and at most. */
const PAUSE_MS = [300, 1_500] as const
/** The audit is written a moment later; what HAProxy holds back comes through. */
const SETTLE_MS = 3_000

export const KILL: Check = {
  name: 'kill',
  async run(stage, { rounds, seed }) {
    const names = [...people('refreshes', FAMILIES), ...people('signs-in', PEOPLE)]
    await addPeople(stage, names)
    const families: Family[] = []
    for (const name of people('refreshes', FAMILIES)) families.push(familyOf(await connect(stage, name)))
    const signedIn: SignedIn[] = []
    const callers = await Promise.all(people('caller', CALLERS).map((name) => callerOf(stage, name)))
    const waiting = await Promise.all(people('waiting', WAITING).map((name) => callerOf(stage, name)))
    const work = { over: false, tries: [] as Try[] }
    const working = Promise.all([
      ...callers.map((caller) => keepCalling(caller, work)),
      ...waiting.map((caller) => keepWaiting(caller, work)),
      ...families.map((family) => keepRefreshing(stage, family, work)),
      ...people('signs-in', PEOPLE).map((name) => keepSigningIn(stage, name, work, signedIn)),
      keepProving(stage, work),
    ])
    const deaths = await killing(stage, rounds, seed).finally(() => {
      work.over = true
    })
    await working
    await pause(SETTLE_MS)
    for (const family of families) await refreshOnce(stage, family, work)
    return [
      { what: `${deaths.length} kills with the seed ${seed}`, good: deaths.length === rounds },
      ...judgeTries(work.tries, deaths),
      ...(await judgeTokens(stage, families, signedIn)),
      ...judgeAudit(stage, work.tries, deaths),
    ]
  },
}

function people(what: string, howMany: number): readonly string[] {
  return Array.from({ length: howMany }, (_, n) => `${what}-${n}`)
}

/** Its session begins while all is whole: nobody begins it again. */
async function callerOf(stage: Stage, subject: string): Promise<Caller> {
  const place = { url: stage.url('world'), port: stage.port, token: stage.token('world', subject) }
  return { place, session: await beginSession(place) }
}

async function killing(stage: Stage, rounds: number, seed: number): Promise<readonly Death[]> {
  const random = createRandom(seed)
  const [least, most] = PAUSE_MS
  const deaths: Death[] = []
  for (let round = 1; round <= rounds; round += 1) {
    await pause(least + random.next() * (most - least))
    const death = await killOne(stage, random)
    deaths.push(death)
    const awayMs = death.wholeMs - death.atMs
    console.log(`  ${round}: ${death.what} killed, whole again after ${(awayMs / 1_000).toFixed(1)} s`)
  }
  return deaths
}
