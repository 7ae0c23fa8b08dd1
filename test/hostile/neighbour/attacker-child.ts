// The attacker's process: told a recipe and an aim, it attacks, and says how much it sent. Started by neighbour.ts.
import { type Aim, Attack } from './attack.ts'
import { PLAIN_404, RECIPES } from './recipes.ts'

process.once('message', async ({ recipe, aim }: { recipe: string; aim: Aim }) => {
  const attack = new Attack(aim)
  const found = recipe === PLAIN_404.name ? PLAIN_404 : RECIPES[recipe]
  if (found === undefined) throw new Error(`no recipe ${recipe}`)
  await found.run(attack)
  process.send?.(attack.sent)
  attack.end()
  process.disconnect?.()
})
process.once('disconnect', () => process.exit())
