// The one style sheet, inline in each page and named by its hash in the policy. System fonts, colours for light and
// dark with at least 4.5:1 contrast, one column that fits 320 px. A colour of the operator is for the main button alone,
// with black or white on it, whichever can be read.

const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #ffffff; --ink: #16181d; --soft: #535a66; --line: #d5d9e0;
  --link: #1d4ed8; --tile: #e6e9ef; --warn: #7a4200; --warn-ground: #fff4e0; --warn-line: #e0a44a;
  --bad: #a31515; --bad-ground: #fdecec; --done-ground: #eef2ff; }
@media (prefers-color-scheme: dark) { :root { --ground: #101216; --card: #1a1d23; --ink: #eceef2; --soft: #a8afbb;
  --line: #383e49; --link: #8db2ff; --tile: #2b303a; --warn: #ffcf87; --warn-ground: #33260f; --warn-line: #8a6424;
  --bad: #ff9d9d; --bad-ground: #3a1717; --done-ground: #1c2438; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; background: var(--ground); color: var(--ink); scroll-padding: 1rem 0 6rem; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; padding: 1.5rem 1rem; }
header, main, footer { width: 100%; max-width: 28rem; }
header { display: flex; align-items: center; gap: .5rem; margin: 0 0 .75rem; font-weight: 600; overflow-wrap: anywhere; }
header img { width: 1.5rem; height: 1.5rem; object-fit: contain; border-radius: .25rem; }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
footer { margin-top: 1rem; text-align: center; color: var(--soft); font-size: .8125rem; }
footer p { margin: 0; }
footer a { color: inherit; }
h1 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h1 .soft { font-weight: 400; white-space: nowrap; }
h1 .badge { vertical-align: middle; }
h2 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: 0 0 .75rem; }
a { color: var(--link); }
strong, dd, li, summary, code { overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin: 0 0 .25rem; }
input[type=text], input[type=password], input[type=email] { width: 100%; font: inherit; color: inherit; background: var(--card); padding: .625rem .75rem; margin: 0 0 .75rem; border: 1px solid var(--soft); border-radius: .5rem; }
fieldset { margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; }
legend { font-weight: 600; padding: 0 .25rem; }
label.tick { display: flex; gap: .5rem; align-items: baseline; font-weight: 400; min-height: 1.5rem; overflow-wrap: anywhere; }
input[aria-invalid=true] { border: 2px solid var(--bad); }
button { width: 100%; min-height: 2.75rem; font: inherit; font-weight: 600; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid var(--soft); background: var(--main); color: var(--on-main); cursor: pointer; overflow-wrap: anywhere; }
button.quiet { background: var(--card); color: var(--ink); }
button.link { width: auto; min-height: 1.5rem; padding: 0; border: 0; background: none; color: var(--link); font-weight: 400; text-decoration: underline; }
button + button, form + form, form + p { margin-top: .75rem; }
main > :last-child { margin-bottom: 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
dl { margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; }
dt { color: var(--soft); font-size: .8125rem; }
dd { margin: 0 0 .5rem; }
dd:last-child { margin: 0; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem .5rem; }
dl.facts dt { padding-top: .125rem; }
dl.facts dd { margin: 0; }
summary { cursor: pointer; min-height: 1.5rem; }
details code, code.block { display: block; font-size: .8125rem; padding: .375rem .5rem; margin-top: .25rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--ground); }
code.block { margin: 0 0 .5rem; }
ul.plain { list-style: none; margin: 0 0 .75rem; padding: 0; }
ul.plain > li { padding: .5rem 0; border-top: 1px solid var(--line); }
ul.plain > li:first-child { border-top: 0; }
ul.plain form { margin-top: .5rem; }
.soft { color: var(--soft); font-size: .875rem; }
.note { border: 1px solid var(--line); border-left-width: 4px; border-radius: .5rem; padding: .5rem .75rem; margin: 0 0 .75rem; font-size: .9375rem; }
.note p:last-child { margin: 0; }
form > .note { margin: .75rem 0 0; }
.note[role=status] { background: var(--done-ground); }
.warn { color: var(--warn); background: var(--warn-ground); border-color: var(--warn-line); }
.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }
.bad h2 { margin: 0 0 .25rem; }
.bad a { color: inherit; }
.badge { display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1.4; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; white-space: nowrap; color: var(--soft); }
.badge.warn { color: var(--warn); border-color: var(--warn-line); }
.pair { display: flex; align-items: center; gap: .5rem; margin: 0 0 .75rem; color: var(--soft); }
.icon { display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: .5rem; background: var(--tile); color: var(--ink); font-weight: 600; overflow: hidden; }
.icon img { width: 100%; height: 100%; object-fit: contain; }
.actions { position: sticky; bottom: 0; display: flex; gap: .75rem; margin: 0 -1.5rem; padding: .75rem 1.5rem; background: var(--card); border-top: 1px solid var(--line); }
.actions button { margin: 0; }
.or { display: flex; align-items: center; gap: .75rem; color: var(--soft); font-size: .875rem; margin: 1rem 0; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 1.25rem; letter-spacing: .125em; }
@media (max-width: 30rem) { body { padding: .5rem; justify-content: flex-start; } main { padding: 1rem; } h1 { font-size: 1.125rem; } .actions { margin: 0 -1rem; padding: .75rem 1rem; } }
@media (forced-colors: active) { button, main, .note, .badge { border: 1px solid; } }
`

const MAIN_COLOUR = '#1d4ed8'

/** @param colour `#rrggbb` */
export function styleOf(colour: string = MAIN_COLOUR): string {
  return `${STYLE}:root { --main: ${colour}; --on-main: ${readableOn(colour)}; }\n`
}

/** WCAG 2.2 §1.4.3: on any colour, black or white has at least 4.5:1. */
function readableOn(colour: string): '#000000' | '#ffffff' {
  const light = luminanceOf(colour)
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? '#000000' : '#ffffff'
}

/** WCAG 2.2, relative luminance. */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
