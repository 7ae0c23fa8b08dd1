// What a scene measured, for the table and the plot of a whole run: written by each scene, read by all.ts and plot.ts.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..', 'build', 'bench', 'figures')

export interface Figure {
  readonly what: string
  readonly value: number
  /** `times` where it is a ratio within one run. */
  readonly unit: string
  /** The target: at most so much. Undefined where it is only told. */
  readonly limit?: number
  /** What was measured beside it in the same rounds, in the unit of `own`. */
  readonly beside?: readonly { readonly name: string; readonly value: number }[]
  /** The gateway's own value in that unit, where `value` is a ratio. */
  readonly own?: { readonly value: number; readonly unit: string }
}

export function holds({ value, limit }: Figure): boolean {
  return limit === undefined || value <= limit
}

export function renderFigure(figure: Figure): string {
  const { what, value, unit, limit } = figure
  const target = limit === undefined ? '' : ` (at most ${limit})`
  return `${holds(figure) ? 'pass' : 'FAIL'}  ${what}: ${rounded(value)} ${unit}${target}`
}

/** Prints and keeps them. The result is the exit code of the scene. */
export function record(scene: string, figures: readonly Figure[]): number {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(fileOf(scene), `${JSON.stringify(figures, null, 2)}\n`)
  for (const figure of figures) console.log(renderFigure(figure))
  return figures.every(holds) ? 0 : 1
}

/** Empty where the scene kept none. */
export function figuresOf(scene: string): readonly Figure[] {
  return existsSync(fileOf(scene))
    ? (JSON.parse(readFileSync(fileOf(scene), 'utf8')) as readonly Figure[])
    : []
}

export function forget(scene: string): void {
  rmSync(fileOf(scene), { force: true })
}

export function rounded(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

function fileOf(scene: string): string {
  return join(FOLDER, `${scene}.json`)
}
