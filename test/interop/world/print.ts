// The table as it is printed: a row for each client at each server, a column for each step, and below it why not.
import { STEPS } from './contract.ts'
import type { Cell, Pair, World } from './table.ts'

const MAX_REASON_CHARS = 300

/** `through the gateway/without it`, one word where both are the same. */
function written({ direct, gateway }: Cell): string {
  return direct === gateway || direct === '-' ? gateway : `${gateway}/${direct}`
}

/** Then nothing else can be either, for the same reason. */
function isUnconnected({ step, direct, gateway }: Cell): boolean {
  return step === 'connect' && direct === 'no' && gateway === 'no'
}

export function rowOf({ client, server, cells }: Pair): string {
  return `| ${client.name} | ${server.name} | ${cells.map(written).join(' | ')} |`
}

export function tableOf({ pairs, missing, seconds }: World): string {
  const head = ['client', 'server', ...STEPS]
  const reasons = new Set(
    pairs.flatMap(({ client, server, cells }) =>
      cells
        .filter(({ gateway, direct }) => gateway !== 'ok' || direct === 'no')
        .filter(({ step }) => step === 'connect' || !cells.some(isUnconnected))
        .map((cell) => reasonOf(cell, client.name, server.name)),
    ),
  )
  return [
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...pairs.map(rowOf),
    '',
    'A cell says how the step ended through the gateway, and after a slash without it where that differs.',
    ...[...reasons].sort().map((reason) => `- ${reason}`),
    ...missing.map((reason) => `- not here: ${reason}`),
    `${pairs.length} pairs in ${Math.round(seconds)} s`,
    '',
  ].join('\n')
}

function reasonOf({ step, gateway, why }: Cell, client: string, server: string): string {
  const who = gateway === 'sdk' ? client : gateway === 'server' ? server : `${client} at ${server}`
  const [words = 'no reason given'] = [why.join('; ').replace(/\s+/g, ' ').slice(0, MAX_REASON_CHARS)]
  return `${step}, ${who}: ${words}`
}
