// When a key of assertions signs, and when the next one follows it. Every process works it out from the same file and clock,
// so no verifier meets a signature whose key was not published before. No I/O and no clock in here.
import type { AssertionKeySettings } from '../core/settings-upstream-auth.ts'
import { type AssertionKey, makeAssertionKey } from './key-file.ts'

/** A key is published so long before it signs, in seconds: verifiers keep a key set for ten minutes and more. */
export const PUBLISHED_AHEAD_SECONDS = 3_600
/** ... and so long after the next one has taken over. */
export const PUBLISHED_AFTER_SECONDS = 3_600

type Plan = Pick<AssertionKeySettings, 'algorithm' | 'rotateMs'>

/** The key that signs at that time. Where clocks differ so much that none does yet, the first. */
export function signingAt(keys: readonly AssertionKey[], seconds: number): AssertionKey {
  return (keys.findLast(({ signsFrom }) => signsFrom <= seconds) ?? keys[0]) as AssertionKey
}

export function publishedAt(keys: readonly AssertionKey[], seconds: number): readonly AssertionKey[] {
  return keys.filter(({ publishedUntil }) => publishedUntil === undefined || publishedUntil > seconds)
}

/** The keys with the one that is due next, and without those that are over; undefined where nothing is due. */
export function whenDue(
  keys: readonly AssertionKey[],
  { algorithm, rotateMs }: Plan,
  seconds: number,
): readonly AssertionKey[] | undefined {
  const newest = keys.at(-1) as AssertionKey
  const isWaiting = newest.signsFrom > seconds
  const isOld = newest.signsFrom + rotateMs / 1_000 - PUBLISHED_AHEAD_SECONDS <= seconds
  if (!isWaiting && (isOld || newest.algorithm !== algorithm)) return withNext(keys, algorithm, seconds)
  const live = publishedAt(keys, seconds)
  return live.length === keys.length ? undefined : live
}

/** The next key signs an hour from now. */
export function withNext(
  keys: readonly AssertionKey[],
  algorithm: AssertionKeySettings['algorithm'],
  seconds: number,
): readonly AssertionKey[] {
  const signsFrom = seconds + PUBLISHED_AHEAD_SECONDS
  const until = signsFrom + PUBLISHED_AFTER_SECONDS
  const before = publishedAt(keys, seconds).map((key) => ({
    ...key,
    publishedUntil: key.publishedUntil ?? until,
  }))
  return [...before, makeAssertionKey(algorithm, signsFrom)]
}
