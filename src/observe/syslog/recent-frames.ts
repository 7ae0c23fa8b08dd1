// Frames that were sent a moment ago, and may not have been read: bounded by time and by size. Sends none itself.

/** So long ago a receiver has read what it was sent. */
const RECENT_FRAMES_MS = 15_000
const MAX_RECENT_BYTES = 4 * 1024 * 1024

export interface RecentFrames {
  add(frames: readonly string[]): void
  /** Those of the last moments, oldest first. */
  all(): readonly string[]
}

export function createRecentFrames(now: () => number = () => performance.now()): RecentFrames {
  const sent: { readonly at: number; readonly frames: readonly string[]; readonly bytes: number }[] = []
  let bytes = 0
  const prune = (at: number) => {
    let oldest = sent[0]
    while (oldest !== undefined && (at - oldest.at > RECENT_FRAMES_MS || bytes > MAX_RECENT_BYTES)) {
      bytes -= oldest.bytes
      sent.shift()
      oldest = sent[0]
    }
  }
  return {
    add(frames) {
      if (frames.length === 0) return
      const size = frames.reduce((sum, frame) => sum + frame.length, 0)
      sent.push({ at: now(), frames, bytes: size })
      bytes += size
      prune(now())
    },
    all() {
      prune(now())
      return sent.flatMap(({ frames }) => frames)
    },
  }
}
