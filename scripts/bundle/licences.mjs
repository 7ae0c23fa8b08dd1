// The licences of the packages in the bundle, which ask that their text goes along: from the package, or from
// the folder beside this file where a package brings none.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const OURS = join(import.meta.dirname, 'licences')
const LINE = `\n${'-'.repeat(80)}\n\n`

/** `inputs` are the paths of what was bundled, from `root`; throws where a package has no licence text. */
export function thirdPartyLicences(root, inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  )
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return `${name} ${version} (${license})\n\n${licenceOf(root, folder, name)}\n`
    })
    .join(LINE)
}

function licenceOf(root, folder, name) {
  const files = globSync('*', { cwd: join(root, folder) }).filter((file) =>
    /^(?:licen[cs]e|copying|notice)/i.test(file),
  )
  const texts = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
  if (texts.length > 0) return texts.join('\n\n')
  const ours = join(OURS, `${name.replace('/', '+')}.txt`)
  if (!existsSync(ours))
    throw new Error(`${name} in the bundle has no licence file; put its text into ${ours}`)
  return readFileSync(ours, 'utf8').trim()
}
