/** One column of sections, tables that become lists on a phone, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --back: #f5f6f8; --card: #fff; --text: #1c2430; --soft: #5b6675; --line: #dde2e8; --accent: #0b5cad; --good: #17713a; --bad: #b3261e; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --back: #14181d; --card: #1d232b; --text: #e6e9ee; --soft: #9aa6b5; --line: #323b47; --accent: #7db8f5; --good: #6fd08f; --bad: #ff8a80; --warn: #f0c060; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 80rem; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 .4rem; }
h2 small { font-weight: 400; }
p { margin: .3rem 0; }
small, .soft { color: var(--soft); }
.mono { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
.id { white-space: nowrap; }
.chave { font-size: .8em; }
@media (min-width: 60rem) { .chave { white-space: nowrap; } }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; justify-content: space-between; margin-bottom: 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; }
section, .tile, .state { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
section { padding: 1rem; margin-bottom: 1rem; }
.state { padding: .8rem 1rem; margin-bottom: 1rem; border-left-width: .4rem; }
.state.well { border-left-color: var(--good); }
.state.ill { border-left-color: var(--bad); }
.state ul { margin: .4rem 0 0; padding-left: 1.1rem; }
.state li { margin: .2rem 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin-bottom: 1rem; }
.tile { padding: .6rem .9rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.25; white-space: nowrap; }
.tile small { display: block; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--soft); font-size: .85rem; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
th.n, td.n { text-align: right; white-space: nowrap; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--accent); }
footer { color: var(--soft); font-size: .85rem; }
@media (max-width: 44rem) {
  body { padding: .6rem; }
  section { padding: .8rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
  .tile b { font-size: 1.25rem; }
  thead { display: none; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td, td.n { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; padding: .1rem 0; border: 0; text-align: left; white-space: normal; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
  td:empty { display: none; }
}
`;
