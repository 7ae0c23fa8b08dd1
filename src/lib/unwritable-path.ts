// A file that may not be written, in words that say which key of gateway.yaml names it.

/** @param key as in gateway.yaml, such as `audit.file` */
export function unwritablePath(key: string, file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const why = code ?? (error instanceof Error ? error.message : String(error))
  return `${key}: ${file} cannot be written (${why}); give it to the user that runs the gateway, or name another path`
}

/** What `work` returns; what it throws, as an error of these words. */
export function writing<T>(key: string, file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(unwritablePath(key, file, error), { cause: error })
  }
}
