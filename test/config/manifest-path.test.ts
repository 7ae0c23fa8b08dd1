// `routes[].manifest.file`: a path from the folder of the configuration, watched beside it.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { gatewayYaml } from '../cli/gateway-yaml.ts'
import { folderWith } from '../cli/recording-io.ts'

function load(manifest: string) {
  const text = gatewayYaml().replace('    policy:', `    manifest: ${manifest}\n    policy:`)
  const folder = folderWith({ 'gateway.yaml': text })
  return { folder, loaded: loadConfig({ file: join(folder, 'gateway.yaml'), env: {} }) }
}

test('it is absolute, watched, and hides drift unless the file says otherwise', () => {
  const { folder, loaded } = load('{ file: lists/notes.json }')
  const file = join(folder, 'lists/notes.json')
  expect(loaded).toMatchObject({ ok: true, files: [file] })
  expect(loaded.ok && loaded.settings.routes[0]?.manifest).toEqual({ file, onDrift: 'hide' })
})

test('it is read as it stands: ${…} is an error', () => {
  const { loaded } = load('{ file: "${HOME}/notes.json" }')
  expect(loaded.ok ? '' : loaded.problems[0]?.message).toContain('${…} is only read in secrets and URLs')
})
