// The configuration with every check that `portcullis run` makes of it: those of config/, and of the parts that it is
// for. The one reading for the command and for programs.
import { checkProxyInFront } from '../config/check-shares.ts'
import {
  type ConfigCheck,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  parseConfig,
} from '../config/load.ts'
import { checkManifests } from '../manifest/check.ts'
import { checkPolicies } from '../policy/check.ts'

export const CONFIG_CHECKS: readonly ConfigCheck[] = [checkPolicies, checkManifests, checkProxyInFront]

/** Where a configuration comes from. */
export type ConfigSource = Pick<LoadOptions, 'file' | 'env'>

/** Reads a file for a program, which may bring functions for `verifier: custom`. */
export function loadProgramConfig(source: ConfigSource): LoadedConfig {
  return loadConfig({ ...source, checks: CONFIG_CHECKS, customVerifiers: true })
}

/** The same for text that is already in hand. `file` names it in problems, and paths in it start from its folder. */
export function parseProgramConfig(text: string, source: ConfigSource): LoadedConfig {
  return parseConfig(text, { ...source, checks: CONFIG_CHECKS, customVerifiers: true })
}
