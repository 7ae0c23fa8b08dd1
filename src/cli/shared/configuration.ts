// Reads gateway.yaml for the commands that need it, and prints its problems the same way for all of them.
import { resolve } from 'node:path'
import { type LoadedConfig, loadConfig } from '../../config/load.ts'
import { type Problem, renderProblem } from '../../config/problem.ts'
import { CONFIG_CHECKS } from '../../gateway/checked-config.ts'
import type { Io } from './command.ts'

export const DEFAULT_CONFIG = 'gateway.yaml'

export type CommandConfiguration = LoadedConfig

/** What `run` would load: the same reading and the same checks (Y27), unless a command needs fewer. */
export function readConfiguration(file: string, io: Io, checks = CONFIG_CHECKS): CommandConfiguration {
  return loadConfig({ file: resolve(io.cwd, file), env: io.env, checks })
}

export function printProblems(problems: readonly Problem[], io: Io): void {
  for (const problem of problems) io.stderr.write(`${renderProblem(problem)}\n`)
}
