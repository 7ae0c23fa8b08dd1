// Which language a page is shown in: what Accept-Language asks for (RFC 9110 §12.5.4), looked up as RFC 4647 §3.4 says,
// and English where it asks for none that there is.
import { trimSpace } from '../../../core/fields.ts'
import { ENGLISH, type Translation } from './english.ts'
import { FRENCH } from './french.ts'
import { GERMAN } from './german.ts'

/** By language tag (RFC 5646), in lower case. */
export const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['en', ENGLISH],
  ['de', GERMAN],
  ['fr', FRENCH],
])
const DEFAULT_LANGUAGE = 'en'

/** What stands behind is not read. */
const MAX_ACCEPT_LANGUAGE_CHARS = 1_024
/** RFC 5646 §4.4.1: a longer range is of no language that there is. */
const MAX_RANGE_CHARS = 35

/** @param accepted the field value; the language is one of TRANSLATIONS */
export function languageFor(accepted: string | undefined): string {
  let best = { language: DEFAULT_LANGUAGE, weight: 0 }
  for (const part of (accepted ?? '').slice(0, MAX_ACCEPT_LANGUAGE_CHARS).split(',')) {
    const [range = '', parameter] = part.split(';')
    const weight = weightOf(parameter)
    const language = weight > best.weight ? lookUp(trimSpace(range).toLowerCase()) : undefined
    if (language !== undefined) best = { language, weight }
  }
  return best.language
}

/** RFC 9110 §12.4.2: 1 where nothing is said; 0, which is "not this one", where it cannot be read. */
function weightOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1
  const [, weight = '0'] = /^ *q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?) *$/i.exec(parameter) ?? []
  return Number(weight)
}

/** RFC 4647 §3.4: `de-AT` is looked up as `de-at`, then as `de`; `*` says nothing about which. */
function lookUp(range: string): string | undefined {
  if (range.length > MAX_RANGE_CHARS) return undefined
  for (let rest = range; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('-')))) {
    if (TRANSLATIONS.has(rest)) return rest
  }
  return undefined
}
