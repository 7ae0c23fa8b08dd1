// A process of its own beside a gateway whose servers are programs. It reads process groups from its standard input, one a
// line (`+123`, `-123`), and ends those that are left when that closes: so also after `kill -9` of the gateway. Signals do
// not end it, since a service manager may send them to all processes.
import self, { exit, kill, stdin } from 'node:process'

const GRACE_MS = 2_000

const groups = new Set<number>()
let rest = ''

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) self.on(signal, () => {})

stdin.setEncoding('latin1')
stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop() as string
  for (const line of lines) {
    const group = Number(line.slice(1))
    if (line.startsWith('+')) groups.add(group)
    else groups.delete(group)
  }
})
stdin.on('error', endAll)
stdin.on('end', endAll)

function endAll(): void {
  signalAll('SIGTERM')
  if (groups.size === 0) exit(0)
  setTimeout(() => {
    signalAll('SIGKILL')
    exit(0)
  }, GRACE_MS)
}

function signalAll(signal: NodeJS.Signals): void {
  for (const group of groups) {
    try {
      kill(-group, signal)
    } catch {
      groups.delete(group) // nobody is left in it
    }
  }
}
