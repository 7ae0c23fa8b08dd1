// The shared state of workers, kept by their primary in tables of its own: so 600 a minute are 600 at all workers
// together, and a proof is used once. A worker that dies takes nothing of it away. It knows no key and no meaning: it
// counts, and keeps text.
import type { Duplex } from 'node:stream'
import type {
  Keeping,
  RateLimit,
  RecordAdded,
  RecordEntry,
  SharedRecords,
  SharedState,
  UsedProofs,
} from '../core/shared-state.ts'
import { createSharedTable, type SharedTable } from '../core/shared-table.ts'
import { createMemo } from '../lib/memo.ts'
import { openStateChannel, type StateChannel } from './state-channel.ts'
import type { StateCommand, StateReply, StateResult } from './state-messages.ts'

/** How many used ids, and how many kept values, each use may have. */
const MAX_USED = 100_000
const MAX_KEPT = 10_000
/** How many locks may be held at one time. */
const MAX_LOCKS = 10_000

interface Kept {
  readonly value: string
  readonly endsAt: number
}

interface HeldLock {
  readonly holder: string
  readonly endsAt: number
}

export interface StateServer {
  /** Serves a worker until its stream ends. */
  serve(stream: Duplex): void
}

/** `tables` are the tables that a single process would use. */
export function createStateServer(tables: SharedState): StateServer {
  const channels = new Set<{ channel: StateChannel<StateReply>; missed: boolean }>()
  const [carryOut, carryOutRecord] = [createCommands(tables), createRecordCommands(tables)]
  return {
    serve(stream) {
      const carry = (command: StateCommand) => {
        if (command[1] === 'publish') tellOthers(['heard', command[2]])
        else if (command[1] === 'missed') tellOthers(['lost'])
        else {
          const result = isRecordCommand(command) ? carryOutRecord(command) : carryOut(command)
          if (command[0] !== 0) own.channel.send([command[0], result])
        }
      }
      const channel = openStateChannel<StateReply, StateCommand>(
        stream,
        (commands) => commands.forEach(carry),
        () => void channels.delete(own),
      )
      const own = { channel, missed: false }
      const tellOthers = (reply: StateReply) => {
        for (const other of channels) {
          if (other === own) continue
          if (other.missed) other.missed = !other.channel.send(['lost'])
          if (!other.channel.send(reply)) other.missed = true
        }
      }
      channels.add(own)
    },
  }
}

type Carried = Exclude<StateCommand, readonly [number, 'publish', string] | readonly [number, 'missed']>
type RecordCommand = Extract<
  StateCommand,
  readonly [number, 'add_record' | 'find_record' | 'replace_record' | 'list_records', ...unknown[]]
>

function isRecordCommand(command: Carried): command is RecordCommand {
  return command[1].endsWith('_record') || command[1] === 'list_records'
}

/** Tables in memory answer at once. */
function createRecordCommands(tables: SharedState): (command: RecordCommand) => StateResult {
  const records = new Map<string, SharedRecords>()
  return (command) => {
    if (command[1] === 'add_record') {
      const [, , table, owner, { key, text }, bounds] = command
      const known = records.get(table) ?? tables.records(table, bounds)
      records.set(table, known)
      return known.add(owner, key, text) as RecordAdded
    }
    const known = records.get(command[2])
    switch (command[1]) {
      case 'find_record':
        return (known?.find(command[3]) as string | undefined) ?? null
      case 'replace_record':
        return (
          (known?.replace(command[3], command[4], command[5] ?? undefined) as boolean | undefined) ?? false
        )
      case 'list_records':
        return (known?.list() as readonly RecordEntry[] | undefined) ?? []
    }
  }
}

function createCommands(tables: SharedState): (command: Exclude<Carried, RecordCommand>) => StateResult {
  const rates = createMemo<RateLimit>()
  const proofs = createMemo<UsedProofs>()
  const kept = new Map<string, SharedTable<Kept>>()
  const locks = new Map<string, HeldLock>()
  const rateOf = (table: string, count: number, seconds: number) =>
    rates(table, () => tables.rateLimit(table, { count, seconds }))
  const proofsOf = (table: string, { forMs, most }: Keeping) =>
    proofs(table, () => tables.usedProofs(table, forMs, { size: MAX_USED, share: most }))
  const keptIn = (table: string, most: number) => {
    const known = kept.get(table) ?? createSharedTable<Kept>({ size: MAX_KEPT, share: most })
    kept.set(table, known)
    return known
  }
  const find = (table: string, key: string) => {
    const found = kept.get(table)?.get(key)
    return found !== undefined && found.endsAt > performance.now() ? found.value : null
  }
  /** All entries last about equally long, so the oldest ends first. */
  const forgetEnded = (now: number) => {
    for (const [name, { endsAt }] of locks) {
      if (endsAt > now) return
      locks.delete(name)
    }
  }
  const lock = (name: string, holder: string, forMs: number): boolean => {
    const now = performance.now()
    forgetEnded(now)
    const held = locks.get(name)
    const isFree = held === undefined || held.holder === holder || held.endsAt <= now
    if (!isFree || (held === undefined && locks.size >= MAX_LOCKS)) return false
    locks.delete(name)
    locks.set(name, { holder, endsAt: now + forMs })
    return true
  }
  return (command) => {
    switch (command[1]) {
      case 'take':
      case 'peek': {
        const [, what, table, key, count, seconds, taken] = command
        return (rateOf(table, count, seconds)[what](key, taken) as number | undefined) ?? null
      }
      case 'give': {
        const [, , table, key, count, seconds, given] = command
        rateOf(table, count, seconds).giveBack(key, given)
        return null
      }
      case 'use': {
        const [, , table, owner, id, keeping] = command
        const use = proofsOf(table, keeping).remember(owner, id, { at: 0, nonce: undefined })
        return { outcome: OUTCOMES[use as 'new' | 'seen' | 'full'], since: 0 }
      }
      case 'keep': {
        const [, , table, owner, key, value, { forMs, most }] = command
        keptIn(table, most).set(key, owner, { value, endsAt: performance.now() + forMs })
        return null
      }
      case 'find':
        return find(command[2], command[4])
      case 'remove': {
        const found = find(command[2], command[4])
        kept.get(command[2])?.delete(command[4])
        return found
      }
      case 'lock':
        return lock(command[2], command[3], command[4])
      case 'unlock':
        if (locks.get(command[2])?.holder === command[3]) locks.delete(command[2])
        return null
    }
  }
}

const OUTCOMES = { new: 'first', seen: 'again', full: 'full' } as const
