// Loaded before the program (node --import): notes in which order the files of src are entered. Every function, also one
// that no other file can call, names its file when it begins. SIGUSR2 writes the order down, and begins anew.
import { renameSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { parseAst } from 'vitest/node'

const SRC = new URL('../../src/', import.meta.url).href
const entered = new Set()
globalThis.enterFile = (file) => entered.add(file)

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.startsWith(SRC)) return loaded
    const source = withNotes(stripTypeScriptTypes(String(loaded.source)), url.slice(SRC.length))
    return { format: 'module', shortCircuit: true, source }
  },
})

function withNotes(source, file) {
  const note = `enterFile(${JSON.stringify(file)})`
  const inserts = []
  const visit = (node) => {
    if (Array.isArray(node)) for (const each of node) visit(each)
    if (typeof node?.type !== 'string') return
    const { type, body } = node
    if (type === 'FunctionDeclaration' || type === 'FunctionExpression')
      inserts.push([body.start + 1, `${note};`])
    if (type === 'ArrowFunctionExpression') {
      if (body.type === 'BlockStatement') inserts.push([body.start + 1, `${note};`])
      else inserts.push([node.end, ')}'], [afterArrow(source, node), `{ ${note}; return (`])
    }
    for (const key in node) if (typeof node[key] === 'object') visit(node[key])
  }
  visit(parseAst(source).body)
  inserts.sort(([a], [b]) => a - b)
  let out = ''
  let from = 0
  for (const [at, text] of inserts) {
    out += source.slice(from, at) + text
    from = at
  }
  return out + source.slice(from)
}

/** Where the expression of an arrow function begins, with its parentheses. */
function afterArrow(source, { body }) {
  return source.lastIndexOf('=>', body.start) + 2
}

process.on('SIGUSR2', () => {
  const { TRACE_FILE } = process.env
  writeFileSync(`${TRACE_FILE}.part`, JSON.stringify([...entered]))
  renameSync(`${TRACE_FILE}.part`, TRACE_FILE)
  entered.clear()
})
