// The one style sheet, inline in each page and named by its hash in the policy. System fonts, colours for light and
// dark with at least 4.5:1 contrast, one column that fits 320 px.

export const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #ffffff; --ink: #16181d; --soft: #535a66; --line: #d5d9e0;
  --accent: #1d4ed8; --accent-ink: #ffffff; --warn: #7a4200; --warn-ground: #fff4e0; --warn-line: #e0a44a;
  --bad: #a31515; --bad-ground: #fdecec; --new: #0b6134; --new-ground: #e3f5ea; }
@media (prefers-color-scheme: dark) { :root { --ground: #101216; --card: #1a1d23; --ink: #eceef2; --soft: #a8afbb;
  --line: #383e49; --accent: #8db2ff; --accent-ink: #0c1222; --warn: #ffcf87; --warn-ground: #33260f; --warn-line: #8a6424;
  --bad: #ff9d9d; --bad-ground: #3a1717; --new: #8be0ae; --new-ground: #11301f; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; padding: 1.5rem 1rem; }
main { width: 100%; max-width: 28rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.75rem; }
footer { width: 100%; max-width: 28rem; margin-top: 1rem; text-align: center; color: var(--soft); font-size: .8125rem; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
strong, dd, li { overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin: 0 0 .25rem; }
input[type=text], input[type=password] { width: 100%; font: inherit; color: inherit; background: var(--card); padding: .625rem .75rem; margin: 0 0 1rem; border: 1px solid var(--soft); border-radius: .5rem; }
fieldset { margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
legend { font-weight: 600; padding: 0 .25rem; }
label.tick { display: flex; gap: .5rem; align-items: baseline; font-weight: 400; min-height: 1.5rem; overflow-wrap: anywhere; }
input[aria-invalid=true] { border: 2px solid var(--bad); }
button { width: 100%; min-height: 2.75rem; font: inherit; font-weight: 600; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink); cursor: pointer; overflow-wrap: anywhere; }
button.quiet { background: transparent; color: var(--ink); border-color: var(--soft); }
button + button, form + form, form + p { margin-top: .75rem; }
main > :last-child { margin-bottom: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
dt { color: var(--soft); font-size: .8125rem; }
dd { margin: 0 0 .5rem; }
dd:last-child { margin: 0; }
ul.plain { list-style: none; margin: 0 0 1rem; padding: 0; }
ul.plain > li { padding: .625rem 0; border-top: 1px solid var(--line); }
ul.plain > li:first-child { border-top: 0; }
ul.plain form { margin-top: .5rem; }
.soft { color: var(--soft); font-size: .875rem; }
.note { border: 1px solid var(--line); border-left-width: 4px; border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1rem; }
.note p:last-child { margin: 0; }
.warn { color: var(--warn); background: var(--warn-ground); border-color: var(--warn-line); }
.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }
.bad h2 { margin: 0 0 .25rem; }
.bad a { color: inherit; }
.new { display: inline-block; color: var(--new); background: var(--new-ground); font-size: .75rem; font-weight: 600; border-radius: 1rem; padding: 0 .5rem; margin-left: .375rem; }
.or { display: flex; align-items: center; gap: .75rem; color: var(--soft); font-size: .875rem; margin: 1.25rem 0; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 1.25rem; letter-spacing: .125em; }
@media (max-width: 30rem) { body { padding: .75rem .5rem; justify-content: flex-start; } main { padding: 1.25rem 1rem; } }
@media (forced-colors: active) { button, main, .note { border: 1px solid; } }
`
