// Reads the configuration and makes every check that `portcullis run` makes: those of config/, and those of the parts
// that it configures. Both the commands and the library read the configuration here.
import { checkListen } from '../config/check-listen.ts'
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

export const CONFIG_CHECKS: readonly ConfigCheck[] = [
  checkPolicies,
  checkManifests,
  checkProxyInFront,
  checkListen,
]

/** Where a configuration comes from. */
export type ConfigSource = Pick<LoadOptions, 'file' | 'env'>

/** Reads a file for a program, which may bring functions for `verifier: custom`. */
export function loadProgramConfig(source: ConfigSource): LoadedConfig {
  return loadConfig({ ...source, checks: CONFIG_CHECKS, customVerifiers: true })
}

/**
 * Reads text that the caller already has. `file` names it in problems, and relative paths in it start from its folder.
 */
export function parseProgramConfig(text: string, source: ConfigSource): LoadedConfig {
  return parseConfig(text, { ...source, checks: CONFIG_CHECKS, customVerifiers: true })
}
