// Small files to break in one place, and one way to look at what the loader says of them.
import { expect } from 'vitest'
import { type ConfigCheck, type LoadedConfig, parseConfig } from '../../src/config/load.ts'
import type { Problem } from '../../src/config/problem.ts'
import type { Settings } from '../../src/core/settings.ts'

export interface Parts {
  readonly publicUrl?: string
  /** Whole lines; each part is put at the end of its map. */
  readonly top?: string
  readonly issuer?: string
  readonly issuers?: string
  readonly upstream?: string
  readonly path?: string
  readonly trusts?: string
  readonly route?: string
  readonly policy?: string
  readonly rules?: readonly string[]
  readonly routes?: string
}

const lines = (text: string | undefined, indent: number): string =>
  (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${' '.repeat(indent)}${line}\n`)
    .join('')

/** A file that loads without a warning, unless a part of it says otherwise. */
export function file(parts: Parts = {}): string {
  const rules = (parts.rules ?? ['{ tools: [a] }']).map((rule) => `        - ${rule}\n`).join('')
  return [
    `public_url: ${parts.publicUrl ?? 'https://mcp.example.com'}\n${lines(parts.top, 0)}`,
    `issuers:\n  corp:\n    issuer: https://login.example.com\n${lines(parts.issuer, 4)}${lines(parts.issuers, 2)}`,
    `routes:\n  - name: notes\n    path: ${parts.path ?? '/notes'}\n`,
    `    upstream: ${parts.upstream ?? 'http://127.0.0.1:3001/mcp'}\n    issuers: ${parts.trusts ?? '[corp]'}\n`,
    `${lines(parts.route, 4)}    policy:\n${lines(parts.policy, 6)}      rules:\n${rules}${lines(parts.routes, 2)}`,
  ].join('')
}

export const ENV = {
  URL: 'https://from.env',
  SECRET: 'from-env',
  EMPTY: '',
  INJECT: 'x\n  auth: none',
  NEST: '${SECRET}',
}

export function load(text: string, checks: readonly ConfigCheck[] = []): LoadedConfig {
  return parseConfig(text, { file: 'gateway.yaml', env: ENV, checks })
}

export function problemsOf(loaded: LoadedConfig): readonly Problem[] {
  return loaded.ok ? loaded.warnings : loaded.problems
}

export function settingsOf(text: string): Settings {
  const loaded = load(text)
  expect(problemsOf(loaded).filter((problem) => problem.severity === 'error')).toEqual([])
  if (!loaded.ok) throw new Error('the file does not load')
  return loaded.settings
}

/** Exactly one error, with these words, whose underlined text is `at`. */
export function expectError(text: string, words: RegExp, at?: string): void {
  const loaded = load(text)
  const errors = problemsOf(loaded).filter((problem) => problem.severity === 'error')
  expect(errors.map((problem) => problem.message)).toEqual([expect.stringMatching(words)])
  expect(loaded.ok).toBe(false)
  if (at !== undefined) expect(underlined(text, errors[0])).toBe(at)
}

/** The file loads, with exactly one warning. */
export function expectWarning(text: string, words: RegExp, at?: string): void {
  const loaded = load(text)
  expect(loaded.ok).toBe(true)
  const [warning, ...rest] = problemsOf(loaded)
  expect(rest).toEqual([])
  expect(warning?.message).toMatch(words)
  if (at !== undefined) expect(underlined(text, warning)).toBe(at)
}

export function underlined(text: string, problem: Problem | undefined): string | undefined {
  if (problem === undefined) return undefined
  return text.split('\n')[problem.line - 1]?.slice(problem.column - 1, problem.column - 1 + problem.length)
}
