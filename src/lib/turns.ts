// Work on one thing at a time, within this process: what is begun under a name waits for what runs under it already.

export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): InTurn {
  const running = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    while (running.has(name)) await running.get(name)
    const run = work() // with no await before it, so that this turn is nobody else's
    running.set(
      name,
      run.catch(() => undefined),
    )
    try {
      return await run
    } finally {
      running.delete(name)
    }
  }
}
