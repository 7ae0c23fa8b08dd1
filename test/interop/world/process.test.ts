// The harness of the table: a client that wants a browser always gets an answer, and no program outlives the run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { runClient } from './process.ts'

/** Asks for a browser, and says as its reason what came back. */
const CLIENT = `
console.log(JSON.stringify({ open: 'http://as.example/authorize?redirect_uri=http://127.0.0.1:9/callback&state=s' }))
process.stdin.once('data', (line) => {
  console.log(JSON.stringify({ step: 'connect', ok: false, why: String(line).trim() }))
  process.exit()
})`

async function answerTo(browse: () => Promise<URL>): Promise<string | undefined> {
  vi.spyOn(console, 'error').mockReturnValue()
  const command = [process.execPath, '-e', CLIENT] as const
  const outcomes = await runClient({ command, job: { url: '', steps: ['connect'] }, browse })
  return outcomes.get('connect')?.why
}

test('a sign-in that fails once is tried again', async () => {
  const browse = vi
    .fn(async () => new URL('http://127.0.0.1:9/callback?code=c'))
    .mockRejectedValueOnce('late')
  expect(await answerTo(browse)).toBe('http://127.0.0.1:9/callback?code=c')
})

test('one that always fails is answered with an error', async () => {
  const browse = vi.fn(async (): Promise<URL> => Promise.reject(new Error('down')))
  expect(await answerTo(browse)).toBe('http://127.0.0.1:9/callback?error=temporarily_unavailable&state=s')
  expect(browse).toHaveBeenCalledTimes(3)
})

test('the programs of a run that is killed end', async () => {
  const groups = join(import.meta.dirname, 'groups.ts')
  const run = `import { startGroup } from ${JSON.stringify(groups)}
const child = startGroup([process.execPath, '-e', 'setInterval(() => {}, 1e6)'])
console.log(child.pid)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', run])
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
  const isAlive = () => {
    try {
      return process.kill(Number(line), 0)
    } catch {
      return false
    }
  }
  expect(isAlive()).toBe(true)
  parent.kill('SIGKILL')
  while (isAlive()) await delay(20)
})
