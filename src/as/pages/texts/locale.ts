// The texts of one language, filled in, with times as people of that language write them.
import { html } from 'hono/html'
import type { Markup } from '../markup.ts'
import { ENGLISH, type TextKey } from './english.ts'
import { languageFor, TRANSLATIONS } from './languages.ts'

/** The names in braces of a text. */
type Slots<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Slots<Rest>
  : never
type Filling<Key extends TextKey, Value> =
  Slots<(typeof ENGLISH)[Key]> extends never
    ? []
    : [slots: Readonly<Record<Slots<(typeof ENGLISH)[Key]>, Value>>]

/** Texts that say the same wherever they stand. */
export type PlainTextKey = {
  [Key in TextKey]: Slots<(typeof ENGLISH)[Key]> extends never ? Key : never
}[TextKey]

/** What a page says, in whatever language it is shown. */
export type Sentence = PlainTextKey | ((locale: Locale) => string)

export interface Locale {
  /** Its tag, for the attribute `lang`. */
  readonly language: string
  text<Key extends TextKey>(key: Key, ...filling: Filling<Key, string>): string
  /** The same with markup in it; strings are escaped. */
  markup<Key extends TextKey>(key: Key, ...filling: Filling<Key, string | Markup>): Markup
  sentence(sentence: Sentence): string
  /** `45 seconds`, `2 minutes` */
  duration(seconds: number): string
  /** The day in UTC. @param ms epoch milliseconds */
  day(ms: number): string
  /** The same with hour and minute, and the word UTC. */
  moment(ms: number): string
}

/** @param accepted the value of Accept-Language */
export function localeFor(accepted: string | undefined): Locale {
  return LOCALES.get(languageFor(accepted)) as Locale
}

/** @param language a tag of TRANSLATIONS */
function localeOf(language: string): Locale {
  const translation = TRANSLATIONS.get(language) ?? {}
  const templateOf = (key: TextKey) => translation[key] ?? ENGLISH[key]
  const locale: Locale = {
    language,
    text: (key, ...[slots]) => fill(templateOf(key), slots ?? {}).join(''),
    markup: (key, ...[slots]) => html`${fill<string | Markup>(templateOf(key), slots ?? {})}`,
    sentence: (sentence) => (typeof sentence === 'function' ? sentence(locale) : locale.text(sentence)),
    duration(seconds) {
      const [amount, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)
    },
    moment(ms) {
      const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
      return `${new Intl.DateTimeFormat(language, options).format(ms)} UTC`
    },
    day: (ms) => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(ms),
  }
  return locale
}

/** The text in pieces, with what stands for the names in braces; a filling is not looked into again. */
function fill<Value>(template: string, slots: Readonly<Record<string, Value>>): (string | Value)[] {
  return template
    .split(/\{(\w+)\}/)
    .map((piece, index) => (index % 2 === 0 ? piece : (slots[piece] ?? piece)))
}

const LOCALES: ReadonlyMap<string, Locale> = new Map(
  [...TRANSLATIONS.keys()].map((language) => [language, localeOf(language)]),
)
