// Every scene one after the other, then one table of what each measured, and the picture docs/bench.svg where all ran.
// `--only calls,streams` runs some of them. A scene that misses a target ends with 1, and so does this.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, figuresOf, forget, renderFigure } from './figures.ts'
import { plotOf } from './plot.ts'

/** Name of the scene's figures: the file that measures them, and its arguments. */
const SCENES: Readonly<Record<string, readonly [file: string, ...args: string[]]>> = {
  calls: ['run.ts'],
  latency: ['latency.ts'],
  streams: ['streams/run.ts'],
  'streams-tls': ['streams/run.ts', '--tls', '--kinds', 'plain'],
  'streams-slow': ['streams/run.ts', '--slow', '--kinds', 'plain'],
  idle: ['streams/idle.ts'],
  start: ['start.ts'],
  routes: ['routes.ts'],
  workers: ['workers.ts'],
  tracing: ['tracing.ts'],
}
const PICTURE = join(import.meta.dirname, '..', 'docs', 'bench.svg')

const { values } = parseArgs({ options: { only: { type: 'string' } } })
process.exitCode = main(values.only?.split(',') ?? Object.keys(SCENES))

function main(names: readonly string[]): number {
  const unknown = names.filter((name) => SCENES[name] === undefined)
  if (unknown.length > 0) {
    console.error(`bench: no scene ${unknown.join(', ')}; there are ${Object.keys(SCENES).join(', ')}`)
    return 2
  }
  const results = names.map((name) => ({ name, ...runScene(name) }))
  console.log(`\n${results.flatMap(({ figures }) => figures.map(renderFigure)).join('\n')}`)
  const silent = results.filter(({ figures }) => figures.length === 0).map(({ name }) => name)
  if (silent.length > 0) console.log(`nothing measured: ${silent.join(', ')}`)
  if (values.only === undefined && silent.length === 0) {
    const day = new Date().toISOString().slice(0, 10)
    const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`
    const all = results.flatMap(({ figures }) => figures)
    writeFileSync(PICTURE, plotOf(all, `${day}, ${machine}, Node ${process.versions.node}, npm run bench`))
  }
  return results.every(({ status }) => status === 0) ? 0 : 1
}

function runScene(name: string): { readonly status: number | null; readonly figures: readonly Figure[] } {
  const [file, ...args] = SCENES[name] ?? ['']
  console.log(`\n== ${name}`)
  forget(name)
  const command = [join(import.meta.dirname, file), ...args]
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' })
  return { status, figures: figuresOf(name) }
}
