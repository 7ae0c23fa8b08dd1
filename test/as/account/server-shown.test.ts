// What a person is told of the server and of what they agree to: its title beside its host, whatever the title says, and
// a warning in amber at each right that can change or delete something.
import { afterEach, expect, test } from 'vitest'
import type { ToolDanger } from '../../../src/core/branding.ts'
import { createAgent } from '../support/agent.ts'
import { RESOURCE, routeOf, type Scene, startScene } from '../support/scene.ts'
import { signIn } from './steps.ts'

let scene: Scene
afterEach(() => scene.close())

async function consentWith(
  title: string | undefined,
  dangers: readonly (readonly [string, ToolDanger])[],
  scopes = ['notes:read', 'notes:write'],
): Promise<string> {
  const describe = async () => ({ title, dangers: new Map(dangers) })
  scene = await startScene({ routes: [{ ...routeOf(RESOURCE, scopes), describe }] })
  const url = scene.authorizeUrl('client-1', { scope: scopes.join(' ') })
  return (await signIn(createAgent(), url)).body
}

test('its title beside its host', async () => {
  const page = await consentWith('Notes', [])
  expect(page).toContain('<title>Notes for Claude wants to use Notes</title>')
  expect(page).toContain('wants to use <strong>Notes</strong> <span class="soft">(mcp.example.com)</span>')
})

test('A25: a title cannot be markup, turn around, go on for long or hide the host', async () => {
  const page = await consentWith(`<b>\u202eknab ruoY\u2066</b>\n${'x'.repeat(500)}`, [])
  expect(page).toMatch(/<strong>&lt;b&gt;knab ruoY&lt;\/b&gt; x{30,60}…<\/strong>/)
  expect(page).toContain('(mcp.example.com)')
  expect(page).not.toMatch(/[\u202e\u2066]/)
})

test('what changes or deletes has a warning in amber, and what reads has none; nothing is green', async () => {
  const page = await consentWith('Notes', [['notes:write', 'destructive']])
  expect(page).toMatch(/\(notes:write\)<\/span> <span class="badge warn">can delete<\/span>/)
  expect(page).toMatch(/\(notes:read\)<\/span><\/li>/)
  expect(page).not.toMatch(/green|class="new"/)
})

test('a server without scopes: the use of it is what is agreed to, with what its tools do', async () => {
  const page = await consentWith('Notes', [['', 'sensitive']], [])
  expect(page).toContain(
    '<li>Use this server in your name <span class="badge warn">commands or secrets</span></li>',
  )
})
