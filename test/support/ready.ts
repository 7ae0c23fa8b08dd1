// Before the tests: makes what `run` starts, where the sources are newer. Most tests of a process start that.
import { execFileSync } from 'node:child_process'

export default function makeReady(): void {
  execFileSync(process.execPath, [new URL('../../scripts/ready.mjs', import.meta.url).pathname], {
    stdio: 'inherit',
  })
}
