// Command-line arguments into typed values, over node:util parseArgs. Wrong use is a value with a sentence,
// never an exception; what the values mean is each command's own business.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../../config/suggest.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; allowPositionals: true }>
>['values']

export type Arguments<T extends Options> =
  | { readonly ok: true; readonly values: Values<T>; readonly positionals: readonly string[] }
  | { readonly ok: false; readonly message: string }

/** Reads options and at most `maxPositionals` plain words. An option given twice is wrong use, unless `multiple`. */
export function readArguments<const T extends Options>(
  args: readonly string[],
  options: T,
  maxPositionals: number,
): Arguments<T> {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: true,
      tokens: true,
    })
    const extra = positionals[maxPositionals]
    // SECURITY: a long word may be a token or a key pasted by mistake; it is not repeated.
    if (extra !== undefined) {
      const named = options['config'] === undefined ? '' : '; a file is named with --config'
      return { ok: false, message: `unexpected argument${extra.length > 20 ? '' : ` \`${extra}\``}${named}` }
    }
    const repeated = firstRepeated(tokens, options)
    if (repeated !== undefined) return { ok: false, message: `--${repeated} is given twice` }
    return { ok: true, values: values as Values<T>, positionals }
  } catch (error) {
    return { ok: false, message: sentenceFor(error, args, Object.keys(options)) }
  }
}

function firstRepeated(
  tokens: readonly { readonly kind: string; readonly name?: string }[],
  options: Options,
): string | undefined {
  const seen = new Set<string>()
  for (const { kind, name } of tokens) {
    if (kind !== 'option' || name === undefined || options[name]?.multiple === true) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

function sentenceFor(error: unknown, args: readonly string[], known: readonly string[]): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!(error instanceof Error) || !code.startsWith('ERR_PARSE_ARGS_')) throw error
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return firstSentence(error.message)
  const unknown = args
    .filter((arg) => arg.startsWith('-'))
    .map((arg) => arg.replace(/^-+/, '').replace(/=.*$/s, ''))
    .find((name) => !known.includes(name) && error.message.includes(`-${name}'`))
  if (unknown === undefined) return firstSentence(error.message)
  const dashes = unknown.length === 1 ? '-' : '--'
  const near = nearest(unknown, known) ?? known.find((name) => unknown.length > 2 && name.startsWith(unknown))
  return `unknown option ${dashes}${unknown}${near === undefined ? '' : `; did you mean --${near}?`}`
}

function firstSentence(message: string): string {
  const end = message.search(/\.( |\n|$)|\n/)
  return (end === -1 ? message : message.slice(0, end)).replace(/^Option /, 'option ')
}

/** A command line as two: what is ours, and the program that stands after `--`, whose words are none of our options. */
export function splitAtProgram(args: readonly string[]): {
  readonly own: readonly string[]
  readonly command: readonly string[] | undefined
} {
  const at = args.indexOf('--')
  return at < 0 ? { own: args, command: undefined } : { own: args.slice(0, at), command: args.slice(at + 1) }
}
