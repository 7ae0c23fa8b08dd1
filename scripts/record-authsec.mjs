// Runs AuthSec's Python SDK, as PyPI has it, against a recorder, and keeps what it asked for and understood in
// test/parity/recordings/authsec-sdk.json. Needs python3 with venv. `node scripts/record-authsec.mjs [version]`
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const [version = '4.7.3'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'portcullis-authsec-'))
try {
  execFileSync('python3', ['-m', 'venv', folder])
  const python = join(folder, 'bin/python')
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', `authsec-sdk==${version}`], { stdio: 'inherit' })
  const input = readFileSync(root('test/parity/recordings/authsec-cases.json'))
  const output = execFileSync(python, [root('scripts/record-authsec.py')], { input, maxBuffer: 16_777_216 })
  const recording = { date: new Date().toISOString().slice(0, 10), ...JSON.parse(output) }
  const file = root('test/parity/recordings/authsec-sdk.json')
  writeFileSync(file, `${JSON.stringify(recording)}\n`)
  execFileSync(root('node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'ignore' })
  console.log(`authsec-sdk ${recording.version}: ${recording.policies.length} documents`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
