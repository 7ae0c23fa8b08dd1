// Things that are made once for each name, and kept for good: names come from the configuration, never from a caller.

export type Memo<T> = (name: string, make: () => T) => T

export function createMemo<T>(): Memo<T> {
  const made = new Map<string, T>()
  return (name, make) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const fresh = make()
    made.set(name, fresh)
    return fresh
  }
}
