// What a program gets from the place that its gateway runs in: its folder, and little of its environment.
import { dirname, resolve } from 'node:path'
import { isProgram, type Settings } from '../core/settings.ts'

/** Of the gateway's own environment, nothing else. */
const INHERITED = ['PATH', 'HOME', 'LANG']

export interface Surroundings {
  /** Path of the configuration. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export function resolvePrograms(settings: Settings, { file, env }: Surroundings): Settings {
  const inherited: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value !== undefined) inherited[name] = value
  }
  const routes = settings.routes.map((route) => {
    const { upstream } = route
    if (!isProgram(upstream)) return route
    return { ...route, upstream: { ...upstream, cwd: resolve(dirname(file), upstream.cwd), inherited } }
  })
  return { ...settings, routes }
}
