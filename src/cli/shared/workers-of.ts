// How many processes serve.
import { availableParallelism } from 'node:os'
import type { Settings } from '../../core/settings.ts'

export function workersOf({ workers = 1 }: Pick<Settings, 'workers'>): number {
  return workers === 'auto' ? availableParallelism() : workers
}
