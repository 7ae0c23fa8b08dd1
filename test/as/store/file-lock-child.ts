// Takes the lock of the file that its one argument names, says so, and waits to be killed.
import { createGatewayLocks } from '../../../src/as/store/open-data.ts'

createGatewayLocks().take(process.argv[2] ?? '')
process.stdout.write('taken\n')
setInterval(() => undefined, 1_000)
