// How a repository is written here: SQLite answers at once, so its methods do too. Callers see the same methods as
// promises, each of which runs when it may.

/** The methods of a repository, answered at once. */
export type Tables<R> = {
  readonly [K in keyof R]: R[K] extends (...args: infer A) => Promise<infer T>
    ? (...args: A) => T
    : Tables<R[K]>
}

/** Runs it as soon as that is allowed. */
export type Enter = <T>(work: () => T) => Promise<T>

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>

/** The repositories whose methods go through `enter`. */
export function repositoriesOver<R extends object>(tables: Tables<R>, enter: Enter): R {
  const whole = Object.entries(tables as Readonly<Record<string, Methods>>).map(([name, methods]) => [
    name,
    Object.fromEntries(
      Object.entries(methods).map(([method, answer]) => [
        method,
        (...args: unknown[]) => enter(() => answer(...args)),
      ]),
    ),
  ])
  return Object.fromEntries(whole) as R
}
