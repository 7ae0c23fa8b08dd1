// `portcullis audit --follow`: lines as they are written, across a rotation of either kind.
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { run as audit } from '../../../src/cli/operate/audit.ts'
import { type RecordingIo, recordingIo } from '../shared/recording-io.ts'
import { CONFIG, folderOf, line, text } from './audit-texts.ts'

describe('--follow', () => {
  async function following(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
    const folder = folderOf(files)
    const io = recordingIo({ cwd: folder })
    const done = audit(['--follow', ...args], io)
    await vi.waitFor(() => expect(io.err()).toContain('following '))
    const at = (name: string) => join(folder, name)
    const end = async () => {
      io.interrupt()
      expect(await done).toBe(0)
    }
    return { io, at, end }
  }
  const seen = (io: RecordingIo, clock: string) => io.seen(new RegExp(`${clock}Z`))

  test('tells what is written from now on, and a line only when it is whole', async () => {
    const { io, at, end } = await following({ 'audit.jsonl': text(line('10:00:00')) })
    const later = line('11:00:00')
    appendFileSync(at('audit.jsonl'), later.slice(0, 40))
    appendFileSync(at('audit.jsonl'), `${later.slice(40)}\n`)
    await seen(io, '11:00:00')
    await end()
    expect(io.out()).not.toContain('10:00:00')
    expect(io.err()).not.toContain('cannot be read')
  })

  test('survives a rename: reads the old file to its end, and goes on in the new one', async () => {
    const { io, at, end } = await following({ 'audit.jsonl': text(line('10:00:00')) })
    appendFileSync(at('audit.jsonl'), text(line('11:00:00')))
    renameSync(at('audit.jsonl'), at('audit.jsonl.1'))
    appendFileSync(at('audit.jsonl.1'), text(line('11:30:00')))
    await seen(io, '11:30:00')
    writeFileSync(at('audit.jsonl'), text(line('12:00:00')))
    await seen(io, '12:00:00')
    appendFileSync(at('audit.jsonl.1'), text(line('11:45:00')))
    await seen(io, '11:45:00')
    await end()
  })

  test('survives a copy and a cut, also when more was written since than before', async () => {
    const { io, at, end } = await following({ 'audit.jsonl': text(line('10:00:00')) })
    appendFileSync(at('audit.jsonl'), text(line('11:00:00')))
    await seen(io, '11:00:00')
    truncateSync(at('audit.jsonl'))
    appendFileSync(at('audit.jsonl'), text(line('12:00:00'), line('12:30:00'), line('13:00:00')))
    await seen(io, '12:00:00')
    await seen(io, '13:00:00')
    await end()
    expect(io.err()).not.toContain('cannot be read')
  })

  test('with --since: what was set aside, then the file, then what is written', async () => {
    const files = {
      'audit.jsonl': text(line('11:00:00')),
      'audit.jsonl.1': text(line('10:00:00'), line('10:30:00')),
    }
    const { io, at, end } = await following(files, '--since', '2026-11-29T10:15:00Z')
    appendFileSync(at('audit.jsonl'), text(line('12:00:00')))
    await seen(io, '12:00:00')
    await end()
    expect([...io.out().matchAll(/(\d\d:\d\d):00Z/g)].map(([, at]) => at)).toEqual([
      '10:30',
      '11:00',
      '12:00',
    ])
  })

  test('waits for a file that is not there yet', async () => {
    const { io, at, end } = await following({})
    writeFileSync(at('audit.jsonl'), text(line('12:00:00')))
    await seen(io, '12:00:00')
    rmSync(at('audit.jsonl'))
    await end()
  })

  test('tells a damaged line with its place, also when it began in the middle', async () => {
    const { io, at, end } = await following({ 'audit.jsonl': text(line('10:00:00'), line('10:00:01')) })
    appendFileSync(at('audit.jsonl'), text('torn', line('11:00:00')))
    await seen(io, '11:00:00')
    await end()
    expect(io.err()).toContain('audit.jsonl:3: cannot be read: no JSON object\n')
  })

  test('several files that are named, and each of them across a rotation', async () => {
    const { io, at, end } = await following({ 'a.jsonl': text(line('10:00:00')) }, 'a.jsonl', 'b.jsonl')
    expect(io.err()).toContain(`following ${at('a.jsonl')}, ${at('b.jsonl')}\n`)
    writeFileSync(at('b.jsonl'), text(line('12:00:00')))
    await seen(io, '12:00:00')
    appendFileSync(at('a.jsonl'), text(line('11:00:00')))
    await seen(io, '11:00:00')
    renameSync(at('b.jsonl'), at('b.jsonl.1'))
    writeFileSync(at('b.jsonl'), text(line('13:00:00')))
    await seen(io, '13:00:00')
    await end()
    expect(io.out()).not.toContain('10:00:00')
  })

  test('with --since what several files have is in the order of time', async () => {
    const files = {
      'a.jsonl': text(line('10:00:00'), line('12:00:00')),
      'b.jsonl': text(line('11:00:00'), line('13:00:00')),
    }
    const { io, end } = await following(files, 'a.jsonl', 'b.jsonl', '--since', '2026-11-29')
    await seen(io, '13:00:00')
    await end()
    expect(io.out().match(/\d\d(?=:00:00Z)/g)).toEqual(['10', '11', '12', '13'])
  })

  test('with a chain and workers the file of each process is followed', async () => {
    const config = CONFIG.replace('audit.jsonl }', 'audit.jsonl, chain: true }\nworkers: 2')
    const { io, at, end } = await following({ 'gateway.yaml': config })
    for (const process of [0, 1, 2]) {
      appendFileSync(at(`audit-${process}.jsonl`), text(line(`1${process}:00:00`)))
      await seen(io, `1${process}:00:00`)
    }
    await end()
  })
})
