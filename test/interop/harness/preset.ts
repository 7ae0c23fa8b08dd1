// A gateway from a file of config/, as it stands: only the names are replaced that its first lines say to replace.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../../src/config/load.ts'
import { renderProblem } from '../../../src/config/problem.ts'
import type { Settings } from '../../../src/core/settings.ts'
import { type RunningGateway, startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'

const CONFIG = join(import.meta.dirname, '../../../config')

export interface PresetGateway {
  /** Of the route `notes`. */
  readonly resource: string
  readonly running: RunningGateway
  /** Warnings and errors of the log. */
  readonly log: readonly string[]
  /** The audit so far. */
  audit(): string
  /** Loads the file again, with further replacements. */
  reload(replace?: Replacements): Promise<void>
  close(): Promise<void>
}

export type Replacements = readonly (readonly [string, string])[]

export interface PresetOptions {
  /** Without its ending. */
  readonly preset: string
  readonly origin: string
  readonly upstream: string
  readonly replace: Replacements
  readonly env: Readonly<Record<string, string>>
}

export async function startPreset(options: PresetOptions): Promise<PresetGateway> {
  const { preset, origin, upstream, env } = options
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-preset-'))
  const auditFile = join(folder, 'audit.jsonl')
  const settingsWith = (more: Replacements): Settings => {
    const names: Replacements = [
      ['public_url: https://mcp.example.com', `public_url: ${origin}\nlisten: ${new URL(origin).host}`],
      ['http://127.0.0.1:3001/mcp', upstream],
      ...options.replace,
      ...more,
    ]
    const file = readFileSync(join(CONFIG, `${preset}.yaml`), 'utf8')
    const admin = `admin: { listen: 127.0.0.1:0 }\naudit: { file: ${auditFile}, required: true }\n`
    return settingsOf(names.reduce(replaceOnce, file) + admin, env)
  }
  const log: string[] = []
  const running = await startGateway({
    settings: settingsWith([]),
    log: createLog('warn', { write: (line: string) => void log.push(line) }),
  })
  return {
    resource: `${origin}/notes/mcp`,
    running,
    log,
    audit: () => readFileSync(auditFile, 'utf8'),
    reload: (replace = []) => running.reload(settingsWith(replace)),
    async close() {
      await running.close(100)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function replaceOnce(text: string, [from, to]: readonly [string, string]): string {
  if (!text.includes(from)) throw new Error(`the file has no ${from}`)
  return text.replace(from, () => to)
}

export function settingsOf(yaml: string, env: Readonly<Record<string, string>>): Settings {
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.settings
}
