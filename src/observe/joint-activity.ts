// The requests of all processes that a console shows, as one list: of the one process that serves, or of several that
// are asked. Each counts its calls by itself, so whoever goes on reading says how far it has read of each.
import type { Activity } from './activity.ts'
import { type MinuteCount, sumMinutes } from './minute-counts.ts'
import type { RecentCall } from './recent-call.ts'
import type { CallQuery, FoundCalls } from './recent-calls.ts'

/** By the name of a process: the number of the last call that was read. */
export type CallMarks = Readonly<Record<string, number>>

export interface JointQuery extends Omit<CallQuery, 'after'> {
  readonly after: CallMarks
}

export interface JointCalls {
  /** Newest first. */
  readonly calls: readonly RecentCall[]
  readonly last: CallMarks
  readonly kept: number
  /** Processes that did not answer. */
  readonly silent: readonly string[]
}

export interface JointActivity {
  find(query: JointQuery): Promise<JointCalls>
  /** Oldest first. */
  minutes(): Promise<readonly MinuteCount[]>
}

/** One process that serves. Each answer is undefined where none comes in time. */
export interface AskedProcess {
  readonly name: string
  find(query: CallQuery): Promise<FoundCalls | undefined>
  minutes(): Promise<readonly MinuteCount[] | undefined>
}

/** The activity of the process that asks. */
export function ownProcess({ calls, minutes }: Activity): AskedProcess {
  return { name: 'own', find: async (query) => calls.find(query), minutes: async () => minutes.list() }
}

/** @param processes those that serve now */
export function joinActivity(processes: () => readonly AskedProcess[]): JointActivity {
  return {
    async find({ text, after, limit }) {
      const answers = await Promise.all(
        processes().map(async ({ name, find }) => {
          const found = await find({ text, limit, after: after[name] ?? 0 })
          return { name, found }
        }),
      )
      const found = answers.flatMap(({ found: each }) => each ?? [])
      return {
        calls: newest(found.flatMap(({ calls }) => calls)).slice(0, limit),
        last: Object.fromEntries(
          answers.map(({ name, found: each }) => [name, each?.last ?? after[name] ?? 0]),
        ),
        kept: found.reduce((sum, { kept }) => sum + kept, 0),
        silent: answers.filter(({ found: each }) => each === undefined).map(({ name }) => name),
      }
    },
    async minutes() {
      const answers = await Promise.all(processes().map((each) => each.minutes()))
      return sumMinutes(answers.flatMap((each) => (each === undefined ? [] : [each])))
    },
  }
}

function newest(calls: readonly RecentCall[]): readonly RecentCall[] {
  return calls.toSorted((one, other) => other.at - one.at)
}
