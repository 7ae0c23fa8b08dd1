// Loaded into the gateway's process with `--import`: tells over a socket of the file system how long its event loop has
// been busy since it began, and the longest that it kept anybody waiting since it was last asked. It changes nothing else.
import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

const path = new URL(import.meta.url).searchParams.get('socket') ?? ''
const server = createServer((socket) => {
  socket.on('error', () => {}) // who asked has left
  socket.on('data', () => {
    socket.write(`${performance.eventLoopUtilization().active} ${delay.max / 1e6}`)
    delay.reset()
  })
})
server.listen(path)
server.unref()
