// The part of package-lock.json that `portcullis demo` needs and an installed portcullis does not bring, as a lock file
// of its own: npm installs from it the versions that were tested, and checks their digests.

const NAMES = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server-everything',
]

/** Takes and gives a lock file of version 3, parsed; throws where the lock file misses a package. */
export function demoLock({ packages }) {
  const needed = {}
  const add = (path, name) => {
    const at = placeOf(packages, path, name)
    if (at === undefined || Object.hasOwn(needed, at)) return at
    const { dev, devOptional, ...entry } = packages[at]
    needed[at] = entry
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = entry
    const required = Object.keys({ ...dependencies, ...peerDependencies })
    for (const other of required.filter((one) => peerDependenciesMeta[one]?.optional !== true))
      if (add(at, other) === undefined)
        throw new Error(`package-lock.json misses ${other}, which ${name} needs`)
    for (const other of Object.keys(optionalDependencies ?? {})) add(at, other)
    return at
  }
  for (const name of NAMES)
    if (add('', name) === undefined) throw new Error(`package-lock.json misses ${name}`)
  const dependencies = Object.fromEntries(NAMES.map((name) => [name, needed[`node_modules/${name}`].version]))
  const sorted = Object.entries(needed).sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    name: 'portcullis-demo',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'portcullis-demo', dependencies }, ...Object.fromEntries(sorted) },
  }
}

/** Where Node finds a package from another one: in its own node_modules, or in those above. */
function placeOf(packages, from, name) {
  const at = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (Object.hasOwn(packages, at)) return at
  if (from === '') return undefined
  const parent = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))
  return placeOf(packages, parent, name)
}
