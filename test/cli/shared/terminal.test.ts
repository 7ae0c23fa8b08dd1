// Questions at a real terminal: they are seen, a wrong answer is told and asked for again, and who breaks off leaves
// nothing behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, type TestContext, test } from 'vitest'
import { BUNDLE } from '../../support/process.ts'
import {
  type AtTerminal,
  CTRL_C,
  ENTER,
  screenOf,
  startAtTerminal,
  whyNoTerminal,
} from './pseudo-terminal.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
const PASSWORD = 'correct horse battery'
const NO_SERVER = 'http://127.0.0.1:9/mcp'

const missing = whyNoTerminal()
if (missing !== undefined) console.warn(`skipped: ${missing}`)

function start(
  context: TestContext,
  ...args: string[]
): { readonly at: AtTerminal; readonly folder: string } {
  if (missing !== undefined && process.env['CI'] !== 'true') context.skip(missing)
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-terminal-'))
  const at = startAtTerminal([process.execPath, BUNDLE, ...args], folder)
  onTestFinished(async () => {
    await at.end()
    rmSync(folder, { recursive: true, force: true })
  })
  return { at, folder }
}

test('protect asks for the first user: a short password, two that differ, then a right one', async (context) => {
  const { at } = start(context, 'protect', NO_SERVER, '--listen', '127.0.0.1:0')
  await at.shows('Name of the first user: ')
  at.type(`ada${ENTER}`)
  await at.shows('Password for ada (at least 10 characters): ')
  at.type(`short${ENTER}`)
  await at.shows('a password needs at least 10 characters; try again\nPassword for ada')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('The same again: ')
  at.type(`something else${ENTER}`)
  await at.shows('the two were not the same; try again\nPassword for ada')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('The same again: \n')
  expect(at.screen()).toContain('first user: ada\n')
  expect(at.screen()).not.toContain('horse')
})

test('init asks again for what is no URL, and then what else it needs', async (context) => {
  const { at, folder } = start(context, 'init')
  await at.shows('URL of the MCP server, such as http://localhost:3001/mcp: ')
  at.type(`localhost:3001${ENTER}`)
  await at.shows('localhost:3001 is no http or https URL\nURL of the MCP server')
  at.type(`${NO_SERVER}${ENTER}`)
  await at.shows('What clients will type')
  at.type(`${ENTER}`)
  await at.shows('Issuer of your authorization server')
  at.type(`${ENTER}`)
  await at.shows('gateway.yaml is written')
  expect(readFileSync(join(folder, 'gateway.yaml'), 'utf8')).toContain(NO_SERVER)
})

test('users add says the rule before, asks again, and adds', async (context) => {
  const { at, folder } = start(context, 'users', 'add', 'ada')
  await at.shows('Password for ada (at least 10 characters): ')
  at.type(`short${ENTER}`)
  await at.shows('a password needs at least 10 characters; try again\nPassword for ada')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('The same again: ')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('ada added')
  expect(await at.ended).toBe(0)
  expect(existsSync(join(folder, '.portcullis/as.sqlite'))).toBe(true)
})

test('protect with a program that npx starts: looks at its tools, then asks, then serves', async (context) => {
  if (missing !== undefined && process.env['CI'] !== 'true') context.skip(missing)
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-terminal-'))
  const options = ['--listen', '127.0.0.1:0', '--data', join(folder, 'as.sqlite')]
  // Where the package is installed, so that npx asks no registry.
  const npx = ['npx', '-y', '@modelcontextprotocol/server-everything', 'stdio']
  const at = startAtTerminal([process.execPath, BUNDLE, 'protect', ...options, '--', ...npx], ROOT)
  onTestFinished(async () => {
    await at.end()
    rmSync(folder, { recursive: true, force: true })
  })
  await at.shows('portcullis protect: starts the program once, to look at its tools')
  await at.shows('Name of the first user: ', 60_000)
  at.type(`ada${ENTER}`)
  await at.shows('Password for ada')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('The same again: ')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('Ctrl-C ends it')
  expect(at.screen()).toMatch(/everything \(\d+ tools\) is protected at\s+http:\S+\/everything\/mcp/)
  expect(at.screen()).toContain('claude mcp add --transport http everything http://')
  at.type(CTRL_C)
  expect(await at.ended).toBe(0)
}, 90_000)

const QUESTIONS = [
  { command: 'protect', args: [NO_SERVER, '--listen', '127.0.0.1:0'], question: 'Name of the first user: ' },
  { command: 'init', args: [], question: 'URL of the MCP server' },
  { command: 'users', args: ['add', 'ada'], question: 'Password for ada' },
]
for (const { command, args, question } of QUESTIONS) {
  test(`Ctrl-C at a question of ${command} leaves nothing behind`, async (context) => {
    const { at, folder } = start(context, command, ...args)
    await at.shows(question)
    at.type(CTRL_C)
    expect(await at.ended).not.toBe(0)
    expect(at.screen()).toContain(`\nportcullis ${command}: `)
    expect(readdirSync(folder)).toEqual([])
  })
}

test('Ctrl-C at a later question of init writes nothing', async (context) => {
  const { at, folder } = start(context, 'init', NO_SERVER)
  await at.shows('What clients will type')
  at.type(CTRL_C)
  expect(await at.ended).toBe(1)
  expect(at.screen()).toContain('portcullis init: broken off; nothing is written')
  expect(at.screen()).not.toContain('Issuer')
  expect(readdirSync(folder)).toEqual([])
})

test('Ctrl-C while the password is typed again leaves nothing behind', async (context) => {
  const { at, folder } = start(context, 'users', 'add', 'ada')
  await at.shows('Password for ada')
  at.type(`${PASSWORD}${ENTER}`)
  await at.shows('The same again: ')
  at.type(CTRL_C)
  expect(await at.ended).toBe(1)
  expect(at.screen()).not.toContain('try again')
  expect(readdirSync(folder)).toEqual([])
})

test('a name that cannot be one is told before a password is asked for', async (context) => {
  const { at } = start(context, 'protect', NO_SERVER, '--listen', '127.0.0.1:0')
  await at.shows('Name of the first user: ')
  at.type(`ada lovelace${ENTER}`)
  expect(await at.ended).toBe(1)
  expect(at.screen()).toContain('a name has 1 to 64 letters')
  expect(at.screen()).not.toContain('Password')
})

test('the terminal shows again what is typed after Ctrl-C at a password', async (context) => {
  if (missing !== undefined && process.env['CI'] !== 'true') context.skip(missing)
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-terminal-'))
  const thenState = '"$0" "$@"; code=$?; stty -a; exit $code'
  const at = startAtTerminal(['sh', '-c', thenState, process.execPath, BUNDLE, 'users', 'add', 'ada'], folder)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await at.shows('Password for ada')
  at.type(CTRL_C)
  expect(await at.ended).toBe(1)
  expect(at.screen()).toMatch(/[ ;]icanon\b/)
  expect(at.screen()).toMatch(/\necho | echo /)
})

test('what readline erases is not on the screen', () => {
  expect(screenOf('Name: \u001b[1G\u001b[0J \u001b[1Gada\r\nx')).toBe('ada\nx')
  expect(screenOf('\u001b[1G\u001b[0JName: \u001b[7Gada')).toBe('Name: ada')
})
