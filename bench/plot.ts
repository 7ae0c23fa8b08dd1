// The figures that have something beside them, as one picture: how many times HAProxy (or the first that is named) each
// costs, on a logarithmic scale. Plain SVG, light and dark, without a script or a font of its own.
import { type Figure, rounded } from './figures.ts'

const WIDTH = 760
const LABEL = 300
const BAR = 14
const GAP = 10
const GROUP_GAP = 16
const TOP = 54
/** The scale, in times the yardstick. */
const FROM = 0.25
const TO = 32
const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16, 32]

interface Group {
  readonly title: string
  readonly bars: readonly { readonly name: string; readonly times: number; readonly value: string }[]
}

/** @param when for the caption: date and machine */
export function plotOf(figures: readonly Figure[], when: string): string {
  const groups = figures.flatMap((figure) => groupOf(figure) ?? [])
  let y = TOP
  const drawn = groups.map((group) => {
    const text = drawGroup(group, y)
    y += heightOf(group)
    return text
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>Cost beside HAProxy and nginx, in times HAProxy; shorter is cheaper</title>
<style>
  text { fill: #1f2328 } .muted { fill: #59636e } .own { fill: #0969da } .other { fill: #8c959f } line { stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .muted { fill: #9198a1 } .own { fill: #4493f8 } .other { fill: #656c76 } line { stroke: #3d444d } }
</style>
<text x="0" y="14" font-weight="600">Cost in times HAProxy; shorter is cheaper</text>
<text x="0" y="30" class="muted">${escaped(when)}</text>
${TICKS.map((tick) => `<line x1="${xOf(tick)}" x2="${xOf(tick)}" y1="${TOP - 6}" y2="${y}"/><text x="${xOf(tick)}" y="${TOP - 10}" text-anchor="middle" class="muted">${tick}</text>`).join('\n')}
${drawn.join('\n')}
</svg>
`
}

function groupOf({ what, own, beside = [] }: Figure): Group | undefined {
  const [yardstick] = beside
  if (own === undefined || yardstick === undefined) return undefined
  const bar = (name: string, value: number) => ({
    name,
    times: value / yardstick.value,
    value: `${rounded(value)} ${own.unit}`,
  })
  return {
    title: what,
    bars: [bar('Portcullis', own.value), ...beside.map(({ name, value }) => bar(name, value))],
  }
}

function heightOf({ bars }: Group): number {
  return BAR + bars.length * (BAR + 2) + GROUP_GAP
}

function drawGroup({ title, bars }: Group, top: number): string {
  const lines = bars.map(({ name, times, value }, index) => {
    const y = top + BAR + index * (BAR + 2)
    const end = xOf(times)
    return `<text x="${LABEL - GAP}" y="${y + 11}" text-anchor="end">${escaped(name)}</text><rect class="${index === 0 ? 'own' : 'other'}" x="${LABEL}" y="${y}" width="${Math.max(1, end - LABEL).toFixed(1)}" height="${BAR}"/><text x="${(end + 6).toFixed(1)}" y="${y + 11}" class="muted">${value}</text>`
  })
  return `<text x="0" y="${top + 11}" font-weight="600">${escaped(title)}</text>\n${lines.join('\n')}`
}

function xOf(times: number): number {
  const share = Math.log(Math.min(TO, Math.max(FROM, times)) / FROM) / Math.log(TO / FROM)
  return LABEL + share * (WIDTH - LABEL - 90)
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
