// What one call costs with ten times as many callers in rotation, in the same process: nothing that is kept for each
// caller may be pushed out by the others, and looking one up costs the same.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure, type Plan, type Sample, warmUp } from './compare.ts'
import type { Scene } from './scene.ts'
import type { Subject } from './subjects/subject.ts'

export const CROWD = 10_000
const CROWD_FILE = 'crowd.txt'

export interface Crowd {
  readonly few: readonly Sample[]
  readonly many: readonly Sample[]
}

/** Rounds with the tokens of the scene and with those of a crowd take turns. */
export async function crowd(scene: Scene, subject: Subject, { rounds, seconds }: Plan): Promise<Crowd> {
  const callers = Array.from({ length: CROWD }, (_, n) => n)
  const tokens = await Promise.all(callers.map((n) => scene.issuer.mint(scene.resource, n)))
  writeFileSync(join(scene.folder, CROWD_FILE), `${tokens.join('\n')}\n`)
  await warmUp(scene, subject.url, CROWD_FILE)
  const few: Sample[] = []
  const many: Sample[] = []
  for (let round = 0; round < rounds; round++) {
    few.push(await measure(scene, subject, seconds))
    many.push(await measure(scene, subject, seconds, CROWD_FILE))
  }
  return { few, many }
}
