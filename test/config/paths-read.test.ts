// Paths of the file that are no `file:` values: meant from the folder of the configuration, wherever a command runs.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { gatewayYaml } from '../cli/shared/gateway-yaml.ts'
import { folderWith } from '../cli/shared/recording-io.ts'

function load(text: string) {
  const folder = folderWith({ 'gateway.yaml': text })
  return { folder, loaded: loadConfig({ file: join(folder, 'gateway.yaml'), env: {} }) }
}

const withManifest = (manifest: string) =>
  load(gatewayYaml().replace('    policy:', `    manifest: ${manifest}\n    policy:`))

const withServer = (lines: string) => load(`${EMBEDDED}${lines}`)
const EMBEDDED = gatewayYaml()
  .replace('issuers:\n', 'issuers:\n  builtin: { embedded: true }\n')
  .replace('issuers: [dev]', 'issuers: [dev, builtin]')

test('a manifest is absolute, watched, and hides drift unless the file says otherwise', () => {
  const { folder, loaded } = withManifest('{ file: lists/notes.json }')
  const file = join(folder, 'lists/notes.json')
  expect(loaded).toMatchObject({ ok: true, files: [file] })
  expect(loaded.ok && loaded.settings.routes[0]?.manifest).toEqual({ file, onDrift: 'hide' })
})

test('a path is read as it stands: ${…} is an error', () => {
  const { loaded } = withManifest('{ file: "${HOME}/notes.json" }')
  expect(loaded.ok ? '' : loaded.problems[0]?.message).toContain('${…} is only read in secrets and URLs')
})

test.each([
  ['', '.portcullis/as.sqlite'],
  ['authorization_server: { data: as.sqlite }\n', 'as.sqlite'],
  ['authorization_server: { data: ../as.sqlite }\n', '../as.sqlite'],
])('the data of the authorization server, with %j', (lines, path) => {
  const { folder, loaded } = withServer(lines)
  expect(loaded.ok && loaded.settings.authorizationServer?.data).toBe(join(folder, path))
  expect(loaded).toMatchObject({ files: [] }) // it changes all the time, and is no configuration
})

test('an absolute path is itself', () => {
  const { loaded } = withServer('authorization_server: { data: /var/lib/as.sqlite }\n')
  expect(loaded.ok && loaded.settings.authorizationServer?.data).toBe('/var/lib/as.sqlite')
})

test('the file of the audit, but not standard output', () => {
  const { folder, loaded } = load(`${gatewayYaml()}audit: { file: audit.jsonl }\n`)
  expect(loaded).toMatchObject({
    ok: true,
    files: [],
    settings: { audit: { file: join(folder, 'audit.jsonl') } },
  })
  expect(load(gatewayYaml()).loaded).toMatchObject({ settings: { audit: { file: 'stdout' } } })
})
