// What a program that a command asks prints for people, on the terminal of the command: under the name of its route,
// and unable to act there.
import type { TellLine } from '../../gateway/program-client.ts'
import type { Output } from './command.ts'
import { printable } from './printable.ts'

export function tellLineOf(route: string, output: Output): TellLine {
  return (line) => void output.write(`${route}: ${printable(line)}\n`)
}
