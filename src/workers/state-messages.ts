// The messages on the channel for the state that workers share. The first member of a command is its number; 0 where no
// answer is wanted.
import type { Keeping, RecordBounds, RecordEntry, Used } from '../core/shared-state.ts'

export type StateCommand =
  | readonly [number, 'take' | 'peek' | 'give', string, string, number, number, number]
  | readonly [number, 'use', string, string, string, Keeping]
  | readonly [number, 'keep', string, string, string, string, Keeping]
  | readonly [number, 'find' | 'remove', string, string, string]
  | readonly [number, 'add_record', string, string, RecordEntry, RecordBounds]
  | readonly [number, 'find_record', string, string]
  | readonly [number, 'replace_record', string, string, string, string | null]
  | readonly [number, 'list_records', string]
  | readonly [number, 'lock', string, string, number]
  | readonly [number, 'unlock', string, string]
  | readonly [number, 'publish', string]
  /** An event could not be published. */
  | readonly [number, 'missed']

export type StateResult = number | boolean | string | Used | readonly RecordEntry[] | null

/** An answer, or what the feed says: an event, or that some may have been missed. */
export type StateReply = readonly [number, StateResult] | readonly ['heard', string] | readonly ['lost']
