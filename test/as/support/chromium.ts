// A real Chromium for the pages, with a fresh profile each time. Where there is none, tests are skipped with a printed
// reason, except on CI, where its absence is a failure.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const hasChromium = existsSync(EXECUTABLE)

if (!hasChromium) {
  const reason = `no Chromium at ${EXECUTABLE}: apt-get install chromium, or name one in CHROMIUM`
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`pages in a browser are skipped: ${reason}\n`)
}

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained about: policy violations, broken resources. */
  readonly complaints: string[]
}

export async function withChromium(
  options: Pick<BrowserContextOptions, 'javaScriptEnabled' | 'viewport' | 'colorScheme'>,
  work: (visit: Visit) => Promise<void>,
): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'portcullis-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: FLAGS,
    viewport: { width: 1000, height: 800 },
    ...options,
  })
  try {
    context.setDefaultTimeout(10_000)
    const page = context.pages()[0] ?? (await context.newPage())
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await work({ context, page, complaints })
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

const FOLDER = join(import.meta.dirname, '../../../build/screenshots')

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true })
}
