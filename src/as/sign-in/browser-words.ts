// What a browser calls itself (User-Agent, RFC 9110 §10.1.5) in words that a person knows: `Firefox, Linux`. Nothing of the
// field itself goes on, since anybody can write anything there.

/** Of several marks the first counts: most browsers also name those that they want to be taken for. */
const BROWSERS: readonly (readonly [mark: string, name: string])[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
]
const SYSTEMS: readonly (readonly [mark: string, name: string])[] = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['CrOS', 'ChromeOS'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
]
/** No browser says more. */
const MAX_READ_CHARS = 512

/** Empty where nothing is known. */
export function browserWords(userAgent = ''): string {
  const text = userAgent.slice(0, MAX_READ_CHARS)
  const known = (marks: typeof BROWSERS) => marks.find(([mark]) => text.includes(mark))?.[1] ?? []
  return [known(BROWSERS), known(SYSTEMS)].flat().join(', ')
}
