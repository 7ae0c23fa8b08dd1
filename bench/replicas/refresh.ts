// Each SDK renews a token that ran out, wherever the balancer takes it. Its replicas give the shortest tokens that a file
// may ask for.
import type { Check } from './check.ts'
import { CLIENTS, runTasks, type Task } from './eras/clients.ts'

const TOKEN_SECONDS = 60
/** By which clocks may differ (src/config/schema-issuer.ts): only then a token is over. */
const LEEWAY_SECONDS = 5

export const REFRESH: Check = {
  name: 'refresh',
  stage: { accessTokenTtl: `${TOKEN_SECONDS}s` },
  run(stage) {
    const able = CLIENTS.filter(({ cannot }) => cannot?.refresh === undefined)
    const tasks = able.map(
      (client): Task => ({
        ...{ client, name: 'a token that ran out' },
        run: ({ signedIn }) => signedIn('world', ['connect', 'refresh'], TOKEN_SECONDS + LEEWAY_SECONDS),
      }),
    )
    return runTasks(stage, tasks, tasks.length) // they mostly wait
  },
}
