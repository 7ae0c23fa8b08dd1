// Opens the chain of an audit where the file asks for one; nothing of it is loaded elsewhere.
import type { AuditSettings } from '../core/settings-audit.ts'
import type { AuditChain } from '../observe/chain/audit-chain.ts'
import type { Logger } from '../observe/log.ts'

/**
 * @param isElsewhere whether lines go to a program, and not to the file that is named
 * @throws a sentence, where another gateway writes the file, or the key cannot be used
 */
export async function openAuditChainOf(
  { file, chain }: Pick<AuditSettings, 'file' | 'chain'>,
  isElsewhere: boolean,
  log: Logger,
): Promise<AuditChain | undefined> {
  if (chain === undefined) return undefined
  const { openAuditChain } = await import('../observe/chain/audit-chain.ts')
  return openAuditChain({ file: isElsewhere ? 'stdout' : file, settings: chain, log })
}
