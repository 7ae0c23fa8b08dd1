// The id of the request that is answered now, for what is put on record meanwhile: the answer carries it too, as
// `x-request-id`.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { OnEvent } from './events.ts'

export interface RequestIdContext {
  run<T>(id: string, work: () => Promise<T>): Promise<T>
  /** Adds the id to each event that happens in a request. */
  naming(onEvent: OnEvent): OnEvent
}

export function createRequestIdContext(): RequestIdContext {
  const ids = new AsyncLocalStorage<string>()
  return {
    run: (id, work) => ids.run(id, work),
    naming: (onEvent) => (event) => {
      const requestId = ids.getStore()
      onEvent(requestId === undefined ? event : { ...event, requestId })
    },
  }
}
