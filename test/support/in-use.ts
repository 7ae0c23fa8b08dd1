// How much memory is in use, once everything that is not was collected.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export const MEBIBYTE = 1_048_576

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** In bytes: JavaScript's heap, strings and buffers outside of it. */
export function inUse(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
