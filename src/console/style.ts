// The style sheet of the console: the colours, fonts and buttons of the other pages (as/pages/style.ts), on the whole
// width. It fits 360 pixels, where wide tables are moved sideways.
import { styleOf } from '../as/pages/style.ts'

export const STYLE = `${styleOf()}
body { display: block; padding: 0 1rem 2rem; }
header, main { max-width: 96rem; margin: 0 auto; }
header { flex-wrap: wrap; padding: .75rem 0; gap: .25rem .75rem; }
nav { width: 100%; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; padding: 0; font-weight: 400; }
nav a { display: inline-block; min-height: 1.5rem; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; border-bottom: 2px solid var(--link); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .25rem; background: var(--card); }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem; border-top: 1px solid var(--line); white-space: nowrap; }
td { max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
td.words { white-space: normal; min-width: 14rem; overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.refused td.words { color: var(--bad); }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .8125rem; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 0 0 .5rem; }
.filter div { flex: 1 1 16rem; }
.filter button { width: auto; margin: 0; }
input[type=search], select { width: 100%; font: inherit; color: inherit; background: var(--card); padding: .5rem .75rem; border: 1px solid var(--soft); border-radius: .5rem; min-height: 2.75rem; }
button.small { width: auto; min-height: 2rem; padding: .125rem .75rem; font-weight: 400; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1rem; }
.buttons form { margin: 0; }
pre.sent { margin: 0 0 1rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground);
  font: .8125rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: break-spaces; overflow-wrap: anywhere; }
.change dd { white-space: pre-wrap; overflow-wrap: anywhere; }
.change del, .change ins { display: block; text-decoration: none; border-left: 4px solid var(--line); padding-left: .5rem; }
.change del { border-color: var(--bad); }
.change ins { border-color: var(--link); }
figure { margin: 0; }
figcaption { font-size: .875rem; min-height: 2.75rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; margin: 0 0 1rem; }
svg { display: block; width: 100%; height: 6rem; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; }
rect.calls, rect.usual { fill: var(--link); }
rect.refused { fill: var(--bad); }
rect.slow { fill: var(--warn-line); }
.state { font-weight: 600; }
.state.no { color: var(--bad); }
@media (max-width: 30rem) { body { padding: 0 .5rem 1rem; } th, td { padding: .375rem .5rem; } }
`
