// Charts of the last hour, as SVG: bars of one minute each, in the order of time. Colours come from the style sheet, and
// what a chart shows is said in words beside it.
import { html } from 'hono/html'
import { DURATION_BOUNDS_MS, durationAt, MINUTES_KEPT, type MinuteCount } from '../observe/minute-counts.ts'
import type { ConsoleMarkup } from './page.ts'

/** Of the drawing; the page stretches it. */
const HEIGHT = 100
/** Of the place of a minute, which a bar leaves open on its right. */
const GAP = 0.2

interface Bar {
  /** Minutes from the left. */
  readonly place: number
  /** From 0 to 1. */
  readonly height: number
  /** A class of the style sheet. */
  readonly kind: 'calls' | 'refused' | 'slow' | 'usual'
}

/** @param minutes oldest first @param now minutes since the epoch */
export function chartsOf(minutes: readonly MinuteCount[], now: number): ConsoleMarkup {
  const first = now - MINUTES_KEPT + 1
  const shown = minutes.filter(({ minute }) => minute >= first && minute <= now)
  return html`<div class="charts">${countChart(shown, first)}${durationChart(shown, first)}</div>`
}

function countChart(minutes: readonly MinuteCount[], first: number): ConsoleMarkup {
  const [calls, refused] = [sumOf(minutes, 'calls'), sumOf(minutes, 'refused')]
  const most = Math.max(1, ...minutes.map((each) => each.calls))
  const bars = minutes.flatMap((each): Bar[] => [
    { place: each.minute - first, height: each.calls / most, kind: 'calls' },
    { place: each.minute - first, height: each.refused / most, kind: 'refused' },
  ])
  const words =
    calls === 0 ? 'none' : `${calls}, of which ${refused} were refused; at most ${most} in a minute`
  return chart('Calls in the last hour', words, bars)
}

function durationChart(minutes: readonly MinuteCount[], first: number): ConsoleMarkup {
  const bars = minutes.flatMap((each): Bar[] => {
    const place = each.minute - first
    const [usual, slow] = [durationAt(each, 0.5), durationAt(each, 0.95)]
    if (usual === undefined || slow === undefined) return []
    return [
      { place, height: heightOf(slow), kind: 'slow' },
      { place, height: heightOf(usual), kind: 'usual' },
    ]
  })
  const all = { took: DURATION_BOUNDS_MS.concat(0).map((_, place) => sumAt(minutes, place)) }
  const [usual, slow] = [durationAt(all, 0.5), durationAt(all, 0.95)]
  const words =
    usual === undefined || slow === undefined
      ? 'none'
      : `half took at most ${shownDuration(usual)}, and 95 of 100 at most ${shownDuration(slow)}`
  return chart('Latency in the last hour', words, bars)
}

function sumOf(minutes: readonly MinuteCount[], key: 'calls' | 'refused'): number {
  return minutes.reduce((sum, each) => sum + each[key], 0)
}

function sumAt(minutes: readonly MinuteCount[], place: number): number {
  return minutes.reduce((sum, { took }) => sum + (took[place] ?? 0), 0)
}

/** Each bound is a step, so that a millisecond and ten seconds are both seen. */
function heightOf(ms: number): number {
  return (DURATION_BOUNDS_MS.indexOf(ms) + 1) / DURATION_BOUNDS_MS.length
}

/** `50 ms`, `2 s`. */
function shownDuration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`
}

function chart(title: string, words: string, bars: readonly Bar[]): ConsoleMarkup {
  return html`<figure>
<figcaption><strong>${title}:</strong> ${words}.</figcaption>
<svg viewBox="0 0 ${MINUTES_KEPT} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}: ${words}">${bars.map(barOf)}</svg>
</figure>`
}

function barOf({ place, height, kind }: Bar): ConsoleMarkup | '' {
  const tall = Math.round(height * HEIGHT * 10) / 10
  if (tall === 0) return ''
  return html`<rect class="${kind}" x="${place}" y="${HEIGHT - tall}" width="${1 - GAP}" height="${tall}"/>`
}
