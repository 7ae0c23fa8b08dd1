// The data of the embedded authorization server, opened for one answer and closed after it: as the commands open it,
// beside the gateways that serve from it. What is changed there has the operator as its actor, and counts at the next look
// of every gateway, which is before every answer.
import { type Operations, openOperator } from '../as/operate/operator.ts'
import { actorOf } from '../core/operator.ts'
import type { Settings } from '../core/settings.ts'
import type { AdminVisit } from '../http/admin-page.ts'

/** Undefined where no issuer is embedded. Throws when the data cannot be used. */
export async function withOperations<T>(
  { authorizationServer }: Settings,
  { operator }: Pick<AdminVisit, 'operator'>,
  work: (data: Operations) => Promise<T>,
): Promise<T | undefined> {
  if (authorizationServer === undefined) return undefined
  const data = await openOperator({
    settings: authorizationServer,
    clock: { now: () => Date.now() },
    actor: actorOf(operator).actor,
  })
  try {
    return await work(data)
  } finally {
    await data.close()
  }
}
