// Text of a condition → a compiled condition, or a mistake with its place. The parser is a library; types, unknowns,
// faults and the bound on work are our own, since no CEL library for Node has all four.
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import { has, index, select } from './access.ts'
import { comprehension, MACROS } from './comprehension.ts'
import { TIME_METHODS, timeMethod, timestamp } from './instants.ts'
import { both, choice, not, oneOf, truth } from './logic.ts'
import { binary, negative } from './operators.ts'
import { ConditionFault, type Frame, MAX_STEPS, UNKNOWN } from './outcome.ts'
import { type ConditionReads, readsOf } from './reads.ts'
import { ConditionError, type Scope, SENT, type Term } from './term.ts'
import { size, TEXT_METHODS, textMethod } from './texts.ts'
import { either, type Type, typeName } from './types.ts'

export interface Condition {
  readonly text: string
  readonly reads: ConditionReads
  /** True, false, UNKNOWN or a ConditionFault. */
  readonly ask: (variables: Readonly<Record<string, unknown>>) => unknown
}

/** The longest condition, in UTF-16 units. */
const MAX_CONDITION = 2_000

const GRAMMAR = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 500, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 3 },
})

/** Throws a ConditionError for a mistake in the text. */
export function compileCondition(text: string, variables: ReadonlyMap<string, Type>): Condition {
  if (text.length > MAX_CONDITION) {
    throw new ConditionError(`longer than ${MAX_CONDITION} characters`, { start: 0, end: 1 })
  }
  const root = parse(text)
  const term = compile(root, { variables, item: undefined, compile })
  if (term.type !== 'bool' && term.type !== 'dyn') {
    throw new ConditionError(`a condition is true or false; this is ${typeName(term.type)}`, root)
  }
  return {
    text,
    reads: readsOf(root),
    ask(values) {
      const frame: Frame = { variables: values, item: undefined, steps: MAX_STEPS, folded: new Map() }
      return truth(term.run(frame))
    },
  }
}

function parse(text: string): ASTNode {
  try {
    return GRAMMAR.parse(text).ast
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const [sentence = 'cannot be read'] = error.message.split('\n')
    const words = sentence.charAt(0).toLowerCase() + sentence.slice(1)
    throw new ConditionError(words, error.range ?? { start: 0, end: 1 })
  }
}

function compile(node: ASTNode, scope: Scope): Term {
  const inner = (operand: ASTNode) => compile(operand, scope)
  switch (node.op) {
    case 'value':
      return literal(node.args, node)
    case 'id':
      return variable(node.args, scope, node)
    case '.':
      return select(inner(node.args[0]), node.args[1], node)
    case '[]':
      return index(inner(node.args[0]), inner(node.args[1]), node)
    case 'list':
      return list(node.args.map(inner))
    case '&&':
      return both(logical(node.args[0], scope), logical(node.args[1], scope))
    case '||':
      return oneOf(logical(node.args[0], scope), logical(node.args[1], scope))
    case '!_':
      return not(logical(node.args, scope))
    case '-_':
      return negative(inner(node.args), node)
    case '?:':
      return choice(logical(node.args[0], scope), inner(node.args[1]), inner(node.args[2]))
    case 'call':
      return call(node.args[0], node.args[1], scope, node)
    case 'rcall':
      return method(node, node.args, scope)
    case '.?':
    case '[?]':
    case 'map':
      throw new ConditionError('this is not part of conditions', node)
    default:
      return binary(node.op, inner(node.args[0]), inner(node.args[1]), node)
  }
}

function logical(node: ASTNode, scope: Scope): Term {
  const term = compile(node, scope)
  if (term.type === 'bool' || term.type === 'dyn') return term
  throw new ConditionError(`expected true or false, found ${typeName(term.type)}`, node)
}

function literal(value: unknown, node: ASTNode): Term {
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return constant('number', number)
    throw new ConditionError('a number this large cannot be compared exactly', node)
  }
  if (value === null) return constant('null', value)
  if (typeof value === 'boolean') return constant('bool', value)
  if (typeof value === 'number') return constant('number', value)
  if (typeof value === 'string') return constant('string', value)
  throw new ConditionError('bytes and unsigned numbers are not part of conditions', node)
}

function constant(type: Type, value: unknown): Term {
  return { type, literal: value, size: 1, run: () => value }
}

function variable(name: string, scope: Scope, node: ASTNode): Term {
  if (name === scope.item?.name) {
    return { type: scope.item.type, sent: scope.item.sent, size: 1, run: (frame) => frame.item }
  }
  const type = scope.variables.get(name)
  if (type !== undefined) return { type, sent: name === SENT, size: 1, run: (frame) => frame.variables[name] }
  const known = [...scope.variables.keys()].join(', ')
  throw new ConditionError(`nothing is called \`${name}\` here; expected one of ${known}`, node)
}

function list(items: readonly Term[]): Term {
  const [first, ...rest] = items
  const item = rest.reduce((type, next) => either(type, next.type), first?.type ?? ('dyn' as Type))
  return {
    type: { list: item },
    sent: items.some(({ sent }) => sent),
    size: items.reduce((sum, term) => sum + term.size, 1),
    run: (frame) => {
      const values = items.map((term) => term.run(frame))
      return (
        values.find((value) => value instanceof ConditionFault) ??
        (values.includes(UNKNOWN) ? UNKNOWN : values)
      )
    },
  }
}

function call(name: string, args: readonly ASTNode[], scope: Scope, node: ASTNode): Term {
  const [first] = args
  if (name === 'has' && first !== undefined && args.length === 1) return has(first, scope)
  const terms = args.map((argument) => compile(argument, scope))
  if (name === 'timestamp') return timestamp(terms, node)
  if (name === 'size' && terms[0] !== undefined) return size(terms[0], terms.slice(1), node)
  throw new ConditionError(`there is no function \`${name}\`; expected one of has, size, timestamp`, node)
}

function method(node: ASTNode, [name, receiver, args]: [string, ASTNode, ASTNode[]], scope: Scope): Term {
  const holder = compile(receiver, scope)
  if (MACROS.has(name)) return comprehension(name, holder, args, scope, node)
  const known = [...MACROS, ...TEXT_METHODS, ...TIME_METHODS]
  if (!known.includes(name)) {
    throw new ConditionError(`there is no \`${name}\`; expected one of ${known.join(', ')}`, node)
  }
  const terms = args.map((argument) => compile(argument, scope))
  return TIME_METHODS.includes(name)
    ? timeMethod(name, holder, terms, node)
    : textMethod(name, holder, terms, node)
}
