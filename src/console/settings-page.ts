// The settings in force, as the file and its defaults give them, without secrets.
import { html } from 'hono/html'
import type { AdminPage } from '../http/admin-page.ts'
import { answerPage, type ConsoleMarkup, filterForm, shownText, wideTable } from './page.ts'
import { type SettingLine, settingLines } from './shown-settings.ts'
import type { ConsoleSource } from './source.ts'

/** Lines that the page has; the filter finds the others. */
const MAX_SETTINGS = 1_000

export const settingsPage =
  ({ settings }: ConsoleSource): AdminPage['answer'] =>
  (context, visit) => {
    const text = (context.req.query('q') ?? '').toLowerCase()
    const { lines, isMore } = firstLines(settingLines(settings()), text)
    const rows = lines.map(settingRow)
    const table = html`<table><thead><tr><th scope="col">Setting</th><th scope="col">Value</th></tr></thead><tbody>${rows}</tbody></table>`
    return answerPage(context, visit, {
      title: 'Settings in force',
      section: '/console/settings',
      content: html`${filterForm('/console/settings', context.req.query('q') ?? '')}
<p class="soft">With what the file leaves out, and with <code>[secret]</code> for each secret. Durations and sizes have their unit in the name.</p>
${isMore ? html`<p>These are the first ${MAX_SETTINGS} that fit.</p>` : ''}
${wideTable('Settings', table)}`,
    })
  }

function firstLines(all: Iterable<SettingLine>, text: string) {
  const lines: SettingLine[] = []
  for (const line of all) {
    if (!line.name.toLowerCase().includes(text) && !line.value.toLowerCase().includes(text)) continue
    if (lines.length >= MAX_SETTINGS) return { lines, isMore: true }
    lines.push(line)
  }
  return { lines, isMore: false }
}

function settingRow({ name, value }: SettingLine): ConsoleMarkup {
  return html`<tr><th scope="row">${shownText(name)}</th><td class="words">${shownText(value)}</td></tr>
`
}
