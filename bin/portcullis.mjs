#!/usr/bin/env -S node --max-semi-space-size=4
// The installed command. It stands in the repository and not in dist/, since npx links a command once, when it first
// sees the folder: if that was before the build, nothing would ever be linked. Plain JavaScript that older Nodes read.
// The flag above keeps young objects in a small nursery: 50 MiB less memory under load, at no cost that could be
// measured (bench/README.md). It has to be known when the process starts.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = new URL('../dist/main.js', import.meta.url)
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const needed = engines.node.replace('>=', '')

if (!existsSync(main)) {
  fail('it is not compiled yet; in its folder, run: npm run ready')
} else if (isOlder(process.versions.node, needed)) {
  fail(
    `it needs Node ${needed} or later, and this is ${process.versions.node}. With another one:\n  ${again()}`,
  )
} else {
  await import(main.href)
}

function isOlder(have, need) {
  const [[major, minor], [needMajor, needMinor]] = [have, need].map((text) => text.split('.').map(Number))
  return major < needMajor || (major === needMajor && minor < needMinor)
}

/** The same command with a Node that is new enough: that of a clone, or one that npx fetches. */
function again() {
  const [own, here] = ['../node_modules/.bin/node', 'portcullis.mjs'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  const words = process.argv.slice(2)
  // SECURITY: what holds an @ may be a URL with a password, and a terminal may be recorded.
  const said = words.some((word) => word.includes('@')) ? ['…'] : words.map(quoted)
  const runtime = existsSync(own) ? quoted(own) : 'npx -y -p node@26 node'
  return [runtime, quoted(here), ...said].join(' ')
}

/** For a shell. */
function quoted(word) {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function fail(sentence) {
  console.error(`portcullis: ${sentence}`)
  process.exitCode = 1
}
