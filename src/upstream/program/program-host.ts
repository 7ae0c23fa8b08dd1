// What all programs of a gateway have in common: the watcher, how many there may be, and who is told of them.
import type { LineMessages } from '../../core/line-message.ts'
import type { ProgramEvents } from '../../core/program-events.ts'
import { createShares, type Shares, shareOf } from '../../core/shares.ts'
import { createUnreadRooms, type UnreadRoom } from './unread-room.ts'
import { createWatcher, type Watcher } from './watcher.ts'

/** What waits until clients read it, of all of them together. */
const MAX_ALL_UNSENT_BYTES = 256 * 1024 * 1024
/** What was said and is kept for clients that come back, of all of them together. */
const MAX_ALL_REPLAY_BYTES = 64 * 1024 * 1024

export interface ProgramHost {
  readonly watcher: Watcher
  readonly lines: LineMessages
  readonly events: ProgramEvents
  /** Of all routes. */
  readonly places: Shares
  readonly sharePerCaller: number
  /** For what a caller has been answered, and has not read. */
  unreadRoomOf(caller: string): UnreadRoom
  /** For what it may ask for again. */
  replayRoomOf(caller: string): UnreadRoom
  /** Of each route: where the places of all are taken, a program of any of them may make room. */
  readonly routes: Set<IdlePrograms>
  /** A program that is on its way to its end: `close` waits for it. */
  ending(end: Promise<void>): void
  /** Resolves when the programs of all routes, which were closed before, are gone. */
  close(): Promise<void>
}

export interface IdlePrograms {
  /** The one that has done nothing for longest, of this caller or of all. */
  longestIdle(caller: string | undefined): IdleProgram | undefined
}

export interface IdleProgram {
  /** In milliseconds of the monotonic clock. */
  readonly since: number
  /** Ends it, and gives its places back at once. False where too many are on their way to their end. */
  makeRoom(): boolean
}

export interface ProgramHostParts {
  readonly lines: LineMessages
  readonly events: ProgramEvents
  /** Programs at one time. */
  readonly max: number
  readonly sharePerCaller: number
}

export function createProgramHost({ lines, events, max, sharePerCaller }: ProgramHostParts): ProgramHost {
  const endings = new Set<Promise<void>>()
  const watcher = createWatcher(() =>
    events.tell('warn', { event: 'watcher_lost' }, 'the watcher of programs ended; another takes its place'),
  )
  return {
    ...{ watcher, lines, events, sharePerCaller },
    unreadRoomOf: createUnreadRooms(MAX_ALL_UNSENT_BYTES, sharePerCaller),
    replayRoomOf: createUnreadRooms(MAX_ALL_REPLAY_BYTES, sharePerCaller),
    places: createShares({ size: max, share: shareOf(max, sharePerCaller) }),
    routes: new Set(),
    ending(end) {
      endings.add(end)
      void end.finally(() => endings.delete(end))
    },
    async close() {
      await Promise.all(endings)
      watcher.close()
    },
  }
}
