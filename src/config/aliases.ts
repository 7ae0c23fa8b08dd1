// What each alias of a document stands for: the last anchor of its name before it. Found in one walk, since yaml's own
// look-up walks the whole document for each alias.
import { type Alias, type Document, isAlias, type Node, visit } from 'yaml'

const walked = new WeakMap<Document.Parsed, ReadonlyMap<Alias, Node>>()

export function aliasTarget(document: Document.Parsed, alias: Alias): Node | undefined {
  const targets = walked.get(document) ?? targetsIn(document)
  walked.set(document, targets)
  return targets.get(alias)
}

function targetsIn(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const targets = new Map<Alias, Node>()
  const anchors = new Map<string, Node>()
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target !== undefined) targets.set(node, target)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return targets
}
