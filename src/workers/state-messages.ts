// The messages on the channel for the state that workers share. The first member of a command is its number; 0 where no
// answer is wanted.
import type { Keeping, Used } from '../core/shared-state.ts'

export type StateCommand =
  | readonly [number, 'take' | 'peek' | 'give', string, string, number, number, number]
  | readonly [number, 'use', string, string, string, Keeping]
  | readonly [number, 'keep', string, string, string, string, Keeping]
  | readonly [number, 'find' | 'remove', string, string, string]
  | readonly [number, 'lock', string, string, number]
  | readonly [number, 'unlock', string, string]
  | readonly [number, 'publish', string]
  /** An event could not be published. */
  | readonly [number, 'missed']

export type StateResult = number | boolean | string | Used | null

/** An answer, or what the feed says: an event, or that some may have been missed. */
export type StateReply = readonly [number, StateResult] | readonly ['heard', string] | readonly ['lost']
