// Writes a chained audit as fast as it can until it is killed. Arguments: the folder, and `required` or `buffered`.
import { join } from 'node:path'
import { createAudit } from '../../../src/observe/audit.ts'
import { openAuditChain } from '../../../src/observe/chain/audit-chain.ts'
import { createLog } from '../../../src/observe/log.ts'

const [folder = '', how = ''] = process.argv.slice(2)
const file = join(folder, 'audit.jsonl')
const audit = createAudit({
  file,
  required: how === 'required',
  sharePerCaller: 1,
  generation: () => 1,
  chain: openAuditChain({
    file,
    settings: { key: join(folder, 'audit.key'), anchor: { file: join(folder, 'anchor.jsonl') } },
    log: createLog('info', { write: (line) => void process.stdout.write(line) }),
  }),
})

let number = 0
function writeSome(): void {
  for (let count = 0; count < 200; count += 1) {
    number += 1
    audit.event({ event: 'tested', actor: `person ${number}`, detail: 'x'.repeat(180) })
  }
  if (number % 2_000 === 0) audit.reopen() // the same file: a checkpoint
  setImmediate(writeSome)
}
writeSome()
