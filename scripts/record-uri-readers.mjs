// Which spellings five real readers of URIs take for the same resource, into test/policy/uri-readers.json. It needs Go,
// Java, cargo, and a Python with pydantic (PYTHON names it). What readers do with paths is undone too: escapes, dots.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KEPT, spellingsOf } from './uri-readers/spellings.mjs'

const HERE = join(import.meta.dirname, 'uri-readers')
const TARGET = join(import.meta.dirname, '../test/policy/uri-readers.json')
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024

const asked = KEPT.map((kept) => ({ kept, spellings: spellingsOf(kept) }))
const uris = asked.flatMap(({ kept, spellings }) => [kept, ...spellings])

const readers = {
  'WHATWG URL (node)': whatwg(),
  'pydantic AnyUrl': told(process.env.PYTHON ?? 'python3', [join(HERE, 'reader.py')]),
  'Go net/url': told('go', ['run', join(HERE, 'reader.go')]),
  'java.net.URI': java(),
  'Rust url': told('cargo', [
    'run',
    '--quiet',
    '--release',
    '--manifest-path',
    join(HERE, 'rust/Cargo.toml'),
  ]),
}

function told(command, args) {
  const env = { ...process.env, CARGO_TARGET_DIR: join(tmpdir(), 'portcullis-uri-reader') }
  const out = execFileSync(command, args, { input: JSON.stringify(uris), maxBuffer: MAX_OUTPUT_BYTES, env })
  return JSON.parse(out.toString())
}

function decoded(text) {
  const bytes = Buffer.from(text).toString('latin1')
  const plain = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1').toString()
}

function whatwg() {
  const read = (uri) => {
    const url = URL.parse(uri)
    return (
      url && [
        url.protocol,
        decoded(url.hostname),
        url.port,
        decoded(url.pathname),
        url.search.replace(/^\?/, ''),
      ]
    )
  }
  return { version: process.version, read: uris.map(read) }
}

function java() {
  const input = uris.map((uri) => Buffer.from(uri, 'utf16le').swap16().toString('hex')).join('\n')
  const out = execFileSync('java', [join(HERE, 'Reader.java')], {
    input,
    maxBuffer: MAX_OUTPUT_BYTES,
  }).toString()
  const [version, ...lines] = out.trimEnd().split('\n')
  const part = (hex) => Buffer.from(hex.slice(1), 'hex').swap16().toString('utf16le')
  return { version, read: lines.map((line) => (line === 'null' ? null : line.split(',').map(part))) }
}

/** A default port is none, and letters compare in one form. */
function identity(parts) {
  if (parts === null) return undefined
  const [scheme, host, port, path, query] = parts.map((part) => String(part ?? '').normalize('NFC'))
  const usual = { http: '80', https: '443', 'http:': '80', 'https:': '443' }[scheme]
  return JSON.stringify([
    scheme,
    host,
    port === usual || port === '' ? '' : Number(port),
    path,
    pairsOf(query),
  ])
}

/** As a form is read: `+` is a space, and an empty pair is none. */
function pairsOf(query) {
  const part = (text) => decoded(text.replaceAll('+', ' ')).normalize('NFC')
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name, ...value] = pair.split('=')
      return [part(name), part(value.join('='))]
    })
}

let at = 0
const rows = asked.map(({ kept, spellings }) => {
  const base = at
  at += spellings.length + 1
  const taken = spellings.flatMap((uri, index) => {
    const by = Object.values(readers).flatMap(({ read }, reader) => {
      const own = identity(read[base])
      return own !== undefined && own === identity(read[base + index + 1]) ? [reader] : []
    })
    return by.length === 0 ? [] : [[uri, by.join('')]]
  })
  return { kept, asked: spellings.length, taken }
})
const table = { readers: Object.entries(readers).map(([name, { version }]) => `${name} ${version}`), rows }
const lines = rows.map(({ kept, asked: count, taken }) => {
  const each = taken.map((pair) => `      ${JSON.stringify(pair)}`).join(',\n')
  return `    {\n      "kept": ${JSON.stringify(kept)},\n      "asked": ${count},\n      "taken": [\n${each}\n      ]\n    }`
})
writeFileSync(
  TARGET,
  `{\n  "readers": ${JSON.stringify(table.readers)},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`,
)
console.log(rows.map(({ kept, asked: count, taken }) => `${kept}: ${taken.length} of ${count}`).join('\n'))
