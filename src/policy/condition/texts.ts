// The functions of text that conditions can call. `matches` runs on RE2, whose time is linear in the text (D14,
// CVE-2026-0621); its pattern is a literal, compiled at load.
import { RE2JS } from 're2js'
import { alikeIn } from './folding.ts'
import { MAX_TEXT, TEXT_TOO_LONG } from './operators.ts'
import { ConditionFault, charge, chargeText, type Frame, isKnown, namesOf, unsettled } from './outcome.ts'
import { isUnder } from './paths.ts'
import { ConditionError, type Term } from './term.ts'
import { isList, isMap, typeName } from './types.ts'
import { isObject } from './value.ts'

type Place = { readonly start: number; readonly end: number }
type Ask = (text: string, other: string) => boolean | ConditionFault

const NOT_TEXT = new ConditionFault('a text function on a value that is not text')
const NO_SIZE = new ConditionFault('the size of a value that has none')
/** How many UTF-16 units `matches` reads. */
const MAX_MATCHED = 4_096
const MAX_PATTERN = 256
/** States of the automaton times characters of the text that count as one step. */
const WORK_PER_STEP = 64
/** How many characters `contains` may compare in one step. */
const COMPARED_PER_STEP = 1_024

const QUESTIONS: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['startsWith', (text, other) => text.startsWith(other)],
  ['endsWith', (text, other) => text.endsWith(other)],
  ['contains', (text, other) => text.includes(other)],
  ['isUnder', isUnder],
])

export const TEXT_METHODS: readonly string[] = [...QUESTIONS.keys(), 'matches', 'lowerAscii', 'size']

export function textMethod(name: string, text: Term, args: readonly Term[], place: Place): Term {
  if (name === 'size') return size(text, args, place)
  expectText(text, place)
  const [argument] = args
  if (name === 'lowerAscii') {
    if (argument !== undefined) throw new ConditionError('`lowerAscii` takes nothing', place)
    return lower(text)
  }
  if (argument === undefined || args.length > 1) throw new ConditionError(`\`${name}\` takes one text`, place)
  expectText(argument, place)
  return name === 'matches' ? matches(text, argument, place) : question(name, text, argument)
}

function expectText({ type }: Term, place: Place): void {
  if (type === 'string' || type === 'dyn') return
  throw new ConditionError(`expected text, found ${typeName(type)}`, place)
}

function question(name: string, text: Term, argument: Term): Term {
  const ask = QUESTIONS.get(name) as Ask
  return {
    type: 'bool',
    size: text.size + argument.size + 1,
    run: (frame) => {
      const [value, other] = [text.run(frame), argument.run(frame)]
      if (!isKnown(value) || !isKnown(other)) return unsettled(value, other)
      if (typeof value !== 'string' || typeof other !== 'string') return NOT_TEXT
      const tooMuch = tooLong(value, frame) ?? tooLong(other, frame)
      return tooMuch ?? (name === 'contains' ? search(frame, value, other) : undefined) ?? ask(value, other)
    },
  }
}

function tooLong(text: string, frame: Frame): ConditionFault | undefined {
  return text.length > MAX_TEXT ? TEXT_TOO_LONG : (charge(frame, 1) ?? chargeText(frame, text.length))
}

/** Charges for the product of both lengths, which V8 may compare where a long text repeats itself. */
function search(frame: Frame, text: string, other: string): ConditionFault | undefined {
  return charge(frame, Math.floor((text.length * other.length) / COMPARED_PER_STEP))
}

/** Works on code units, since a call for each letter would cost a hundred times as much. */
function lowered(text: string): string {
  const units = Buffer.from(text, 'utf16le')
  for (let at = 0; at < units.length; at += 2) {
    const unit = units[at] as number
    if (units[at + 1] === 0 && unit >= 0x41 && unit <= 0x5a) units[at] = unit + 0x20
  }
  return units.toString('utf16le')
}

function lower(text: Term): Term {
  return {
    type: 'string',
    size: text.size + 1,
    run: (frame) => {
      const value = text.run(frame)
      if (!isKnown(value)) return value
      if (typeof value !== 'string') return NOT_TEXT
      return tooLong(value, frame) ?? lowered(value)
    },
  }
}

function matches(text: Term, pattern: Term, place: Place): Term {
  const expression = compilePattern(pattern.literal, place)
  const perUnit = expression.programSize() / WORK_PER_STEP
  return {
    type: 'bool',
    size: text.size + 1,
    run: (frame) => {
      const value = text.run(frame)
      if (!isKnown(value)) return value
      if (typeof value !== 'string') return NOT_TEXT
      if (value.length > MAX_MATCHED) return TEXT_TOO_LONG
      return charge(frame, 1 + Math.ceil(value.length * perUnit)) ?? expression.test(value)
    },
  }
}

function compilePattern(pattern: unknown, place: Place): RE2JS {
  if (typeof pattern !== 'string') {
    throw new ConditionError('the pattern of `matches` must stand in the condition itself', place)
  }
  if (pattern.length > MAX_PATTERN) throw new ConditionError('the pattern of `matches` is too long', place)
  try {
    return RE2JS.compile(pattern)
  } catch {
    throw new ConditionError('the pattern of `matches` is not a regular expression of RE2', place)
  }
}

/** The size of text in UTF-16 units, or of a list or a map in items. */
export function size(value: Term, args: readonly Term[], place: Place): Term {
  const { type } = value
  const sized = type === 'string' || type === 'dyn' || isList(type) || isMap(type)
  if (!sized || args.length > 0) throw new ConditionError('`size` is of one text, list or map', place)
  return {
    type: 'number',
    size: value.size + 1,
    run: (frame) => {
      const known = value.run(frame)
      if (!isKnown(known)) return known
      if (typeof known === 'string' || Array.isArray(known)) return known.length
      if (!isObject(known)) return NO_SIZE
      const names = (value.sent ? alikeIn(known, frame) : undefined) ?? namesOf(known, frame)
      return names instanceof ConditionFault ? names : names.length
    },
  }
}
