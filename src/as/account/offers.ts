// What the consent page of an interaction offers beside what was asked for: the same for as long as the page is open. It
// stands with the interaction in the data, since the answer of the person may come to another process.
import type { Engine } from '../people.ts'
import { CONSENT_FOLLOWS_MS, type Consenting } from '../refused-scopes.ts'

type Offering = Pick<Engine, 'refusedScopes' | 'scopesOf' | 'store'>

const MODEL = 'OfferedScopes'

/** For the first page: what calls were refused for a moment ago. */
export async function offerOn(
  engine: Offering,
  interaction: string,
  consenting: Consenting,
): Promise<readonly string[]> {
  const known = await offeredOn(engine, interaction)
  if (known.length > 0) return known
  const { refusedScopes, store } = engine
  const scopes = await refusedScopes.takeMissing(consenting, engine.scopesOf(consenting.resource))
  if (scopes.length > 0)
    await store.artifacts.save(MODEL, interaction, { scopes }, CONSENT_FOLLOWS_MS / 1_000)
  return scopes
}

/** What it has offered; over once the person has answered. */
export async function offeredOn({ store }: Offering, interaction: string): Promise<readonly string[]> {
  const kept = await store.artifacts.find(MODEL, interaction)
  return (kept?.payload['scopes'] as readonly string[] | undefined) ?? []
}

export async function answered({ store }: Offering, interaction: string): Promise<void> {
  await store.artifacts.destroy(MODEL, interaction)
}
