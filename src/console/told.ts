// What one gateway tells the console of another: calls in words, and counts of minutes. What arrives is checked member
// by member: another version, or somebody else behind the address, must not make a page fail.
import { hasMembers, type JsonMembers } from '../lib/json.ts'
import type { CallMarks } from '../observe/joint-activity.ts'
import { DURATION_BOUNDS_MS, type MinuteCount } from '../observe/minute-counts.ts'
import type { ShownCall } from './shown-call.ts'

export interface ToldCalls {
  /** Newest first. */
  readonly calls: readonly ShownCall[]
  readonly last: CallMarks
  readonly kept: number
  /** Its processes, or other gateways, that did not answer. */
  readonly silent: readonly string[]
}

/** A day that no clock shows: a call cannot have ended then. */
const MAX_EPOCH_MS = 8_640_000_000_000_000

const TEXTS = [
  ...(['id', 'who', 'client', 'route', 'method', 'target', 'words', 'reason'] as const),
  ...(['detail', 'rule', 'gateway'] as const),
] satisfies readonly (keyof ShownCall)[]
const NUMBERS = ['at', 'durationMs', 'others', 'status'] satisfies readonly (keyof ShownCall)[]

/** Undefined for what no gateway tells. */
export function readToldCalls(value: unknown, limit: number): ToldCalls | undefined {
  if (!hasMembers(value)) return undefined
  const { calls, last, kept, silent } = value
  if (!Array.isArray(calls) || !calls.every(isShownCall) || !isCount(kept) || !isMarks(last)) return undefined
  return {
    calls: calls.slice(0, limit),
    last,
    kept,
    silent: Array.isArray(silent) ? silent.filter(isText) : [],
  }
}

export function readToldMinutes(value: unknown): readonly MinuteCount[] | undefined {
  return Array.isArray(value) && value.every(isMinute) ? value : undefined
}

function isShownCall(value: unknown): value is ShownCall {
  if (!hasMembers(value)) return false
  const { at, isRefused } = value
  const isWhole = TEXTS.every((name) => isText(value[name])) && NUMBERS.every((name) => isCount(value[name]))
  return isWhole && typeof isRefused === 'boolean' && isCount(at) && at <= MAX_EPOCH_MS
}

function isMinute(value: unknown): value is MinuteCount {
  if (!hasMembers(value)) return false
  const { minute, calls, refused, took } = value
  return [minute, calls, refused].every(isCount) && Array.isArray(took) && isHistogram(took)
}

function isHistogram(took: readonly unknown[]): boolean {
  return took.length === DURATION_BOUNDS_MS.length + 1 && took.every(isCount)
}

function isMarks(value: unknown): value is JsonMembers & CallMarks {
  return hasMembers(value) && Object.values(value).every(isCount)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
