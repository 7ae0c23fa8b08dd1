// Workers whose places are all taken.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGTERM')
})

const CHILD = new URL('./full-child.ts', import.meta.url).pathname

test('F40 a connection that finds every worker full is dropped, and not handed from one to the next for ever', async () => {
  const started = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'inherit'] })
  child = started
  const [line] = (await once(started.stdout, 'data')) as [Buffer]
  const open = async () => {
    const socket = connect(Number(line.toString()), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const outcome = await new Promise<string>((resolve) => {
      socket.once('data', () => resolve('served')).once('close', () => resolve('dropped'))
    })
    return { socket, outcome }
  }
  const first = [await open(), await open()]
  expect(first.map(({ outcome }) => outcome)).toEqual(['served', 'served'])
  const more = await Promise.all([open(), open(), open(), open()])
  expect(more.map(({ outcome }) => outcome)).toEqual(['dropped', 'dropped', 'dropped', 'dropped'])
  for (const { socket } of [...first, ...more]) socket.destroy()
})
