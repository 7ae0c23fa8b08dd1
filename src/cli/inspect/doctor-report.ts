// The report of `portcullis doctor` as one HTML page that needs nothing else: no script, no style or image from elsewhere.
import type { CheckState, Severity } from '../../inspect/doctor/check.ts'
import { brokenChecks, type Examined } from '../../inspect/doctor/examine.ts'
import { printable } from '../shared/printable.ts'

export const SEVERITIES: Readonly<Record<Severity, string>> = {
  open: 'anybody gets in',
  shut: 'clients cannot get in',
  hardening: 'hardening',
}
const STATES: Readonly<Record<CheckState, string>> = {
  kept: 'kept',
  violated: 'violated',
  doubtful: 'doubtful',
  skipped: 'not judged',
}
const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}
.violated{color:#a40000}.doubtful{color:#7a4a00}.kept{color:#1b5e20}.skipped{color:#555}`

/** `at` is an ISO instant. */
export function reportPage(url: string, results: readonly Examined[], at: string): string {
  const broken = brokenChecks(results)
  const violated = broken.filter(({ state }) => state === 'violated').length
  const rows = (all: readonly Examined[], cells: (one: Examined) => readonly string[]) =>
    all
      .map(
        (one) =>
          `<tr>${cells(one)
            .map((cell) => `<td class="${one.state}">${escapeHtml(cell)}</td>`)
            .join('')}</tr>`,
      )
      .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(`Doctor: ${url}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(url)}</h1>
<p>Examined by portcullis doctor at ${escapeHtml(at)}: ${results.length} requirements, ${violated} violated.</p>
<h2>To broken, the gravest first</h2>
<table>
<tr><th>Meaning</th><th>State</th><th>Check</th><th>Requirement</th><th>Seen</th><th>Cure</th></tr>
${rows(broken, ({ severity, state, id, rule, seen, cure }) => [SEVERITIES[severity], STATES[state], id, rule, seen, cure])}
</table>
<h2>All requirements</h2>
<table>
<tr><th>State</th><th>Check</th><th>Requirement</th><th>Seen</th></tr>
${rows(results, ({ state, id, rule, seen }) => [STATES[state], id, rule, seen])}
</table>
</body>
</html>
`
}

/** SECURITY: what a server said is text here, and nothing else. */
function escapeHtml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
