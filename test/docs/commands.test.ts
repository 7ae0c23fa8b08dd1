// Every command line in a `console` block is run as it stands, and prints what the page says it prints. Files that the
// page gives a name (`file=gateway.yaml`) lie in the folder it runs in. A line of `…` stands for lines left out.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { cli } from '../../src/cli/cli.ts'
import { folderWith, recordingIo } from '../cli/shared/recording-io.ts'
import { type LiveScene, openLiveScene } from './live-scene.ts'
import { BLOCKS, type Block, blocksOf, placeOf, ROOT, wordOf } from './page.ts'

/** Where the pages pretend to be, and when. */
const SHOWN_FOLDER = '/srv/gateway'
const NOW = Date.parse('2026-12-01T09:00:00Z')

interface Shown {
  readonly place: string
  readonly page: string
  readonly command: string
  readonly output: string
  /** `updated`: the server has changed by now. */
  readonly words: readonly string[]
}

function commandsIn(block: Block): Shown[] {
  return block.text
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.split('\n')
      return {
        place: placeOf(block),
        page: block.page,
        words: block.words,
        command,
        output: output.join('\n').trim(),
      }
    })
}

const shown = BLOCKS.filter(({ language }) => language === 'console').flatMap(commandsIn)
const folders = new Map<string, string>()
/** Pages whose commands need a live server. */
const LIVE_PAGES = ['docs/walkthrough.md', 'docs/manifest.md', 'docs/doctor.md', 'docs/incident.md']
const scenes = new Map<string, LiveScene>()

function folderOf(page: string): string {
  const known = folders.get(page)
  if (known !== undefined) return known
  const named = blocksOf(page).flatMap((block) => {
    const name = wordOf(block, 'file')
    return name === undefined ? [] : [[name, scenes.get(page)?.here(block.text) ?? block.text] as const]
  })
  const folder = folderWith(Object.fromEntries(named))
  folders.set(page, folder)
  return folder
}

async function run({ command: shown, page, words }: Shown): Promise<string> {
  const scene = scenes.get(page)
  if (words.includes('updated')) scene?.update()
  const command = scene?.here(shown) ?? shown
  if (command === 'npm run demo -- --once') {
    const demo = spawnSync(process.execPath, ['src/main.ts', 'demo', '--once'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    return demo.stdout + demo.stderr
  }
  const [program, ...args] = command.split(' ')
  expect(program).toBe('portcullis')
  const cwd = folderOf(page)
  if (scene !== undefined && args[0] === 'run') {
    await scene.run(args, cwd)
    return ''
  }
  let printed = ''
  const sink = {
    write(text: string) {
      printed += text
    },
  }
  await cli(args, { ...recordingIo({ cwd }), stdout: sink, stderr: sink })
  return printed.replaceAll(cwd, SHOWN_FOLDER)
}

/** The parts between lines of `…`, with free ports made equal. */
function partsOf(output: string): string[] {
  return withoutPorts(output).split(/\n?^ *…$\n?/m)
}

function withoutPorts(output: string): string {
  return output.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT').trim()
}

beforeAll(async () => {
  for (const page of LIVE_PAGES) scenes.set(page, await openLiveScene())
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})

afterAll(async () => {
  vi.useRealTimers()
  for (const scene of scenes.values()) await scene.close()
  for (const folder of folders.values()) rmSync(folder, { recursive: true })
})

/** The demo is many processes; on a machine with other work it takes several times what it takes alone. */
const PATIENCE_MS = 180_000

describe('commands in the pages', () => {
  it('the pages show check, explain and the demo', () => {
    const words = shown.map(({ command }) => command.split(' ')[1])
    expect(words).toEqual(expect.arrayContaining(['check', 'explain', 'run']))
  })

  it.each(shown.map((one) => [one.place, one.command, one] as const))(
    '%s: %s',
    async (_place, _command, one) => {
      const { output } = one
      const printed = withoutPorts(await run(one))
      let rest = printed
      for (const part of partsOf(output)) {
        expect(rest).toContain(part)
        rest = rest.slice(rest.indexOf(part) + part.length)
      }
      if (!output.includes('…')) expect(printed).toBe(withoutPorts(output))
    },
    PATIENCE_MS,
  )
})
