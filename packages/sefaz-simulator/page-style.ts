/** Style of the page: one column of cards, tables that become lists on a phone, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --back: #f5f6f8; --card: #fff; --text: #1c2430; --soft: #5b6675; --line: #dde2e8; --accent: #0b5cad; --good: #17713a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --back: #14181d; --card: #1d232b; --text: #e6e9ee; --soft: #9aa6b5; --line: #323b47; --accent: #7db8f5; --good: #6fd08f; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 .6rem; }
p { margin: .3rem 0; }
small, .soft { color: var(--soft); }
code, .mono { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
.id { white-space: nowrap; }
table { margin-top: .6rem; }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; justify-content: space-between; margin-bottom: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin-bottom: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin-bottom: 1rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.error { border-color: var(--bad); color: var(--bad); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); font-size: .85rem; }
tr:last-child td { border-bottom: 0; }
td.number { white-space: nowrap; }
form.add, div.add { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem; align-items: end; }
form.add { margin-top: .8rem; }
.wide { grid-column: 1 / -1; }
label { display: block; font-size: .85rem; color: var(--soft); }
input, select { display: block; width: 100%; margin-top: .15rem; padding: .45rem .5rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .35rem; }
button { padding: .5rem .9rem; font: inherit; color: #fff; background: #0b5cad; border: 0; border-radius: .35rem; cursor: pointer; }
button.small { padding: .2rem .6rem; background: transparent; color: var(--bad); border: 1px solid var(--bad); }
form.line { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
form.line select { width: auto; margin: 0; }
details summary { cursor: pointer; color: var(--accent); margin: .3rem 0; }
@media (max-width: 44rem) {
  body { padding: .6rem; }
  section { padding: .8rem; }
  thead { display: none; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td { display: grid; grid-template-columns: 6.5rem 1fr; gap: .5rem; padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
  td:empty { display: none; }
}
`;
