// Run by short-writes.test.ts where a file may only be so large: `tell FILE` writes an audit until it is full, makes room
// as `copytruncate` does, and goes on; `save FILE` saves a manifest that is too large.
import { copyFileSync, truncateSync } from 'node:fs'
import { saveManifest } from '../../src/manifest/file.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { createAudit } from '../../src/observe/audit.ts'

const [what, file = ''] = process.argv.slice(2)
console.log(JSON.stringify(what === 'tell' ? tellUntilFull() : saveTooMuch()))

function tellUntilFull(): object {
  const audit = createAudit({ file, required: true, sharePerCaller: 1, generation: () => 1 })
  let told = 0
  const tell = () => {
    told += 1
    audit.event({ event: 'sign_in', actor: 'ada', detail: 'x'.repeat(100) })
  }
  while (audit.failures === 0) tell()
  copyFileSync(file, `${file}.1`)
  truncateSync(file)
  tell()
  tell()
  return { told, failures: audit.failures }
}

/** The code of the error. */
function saveTooMuch(): unknown {
  const tools = Array.from({ length: 1_000 }, (_, index) => ({ name: `tool-${index}` }))
  const server = { name: 's', version: '2' }
  try {
    saveManifest(file, manifestOf({ server, tools, prompts: [], resources: [], templates: [] }))
    return 'saved'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}
