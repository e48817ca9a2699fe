/** How a verdict's page looks: in the light and in the dark, on screen and on paper. It loads nothing. */
export const style = `
:root { color-scheme: light dark; --ink: #1c1e21; --dim: #5d646d; --page: #ffffff; --card: #f5f6f8; --line: #d5d9de;
  --good: #136c3a; --good-back: #e2f4e9; --bad: #a4161a; --bad-back: #fde7e7; --warn: #7a5200; --warn-back: #fff3d6;
  --mark: #ffd0d0; --mark-ink: #7d0a0e; --field: #fff0b8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --dim: #9aa3ad; --page: #15181b; --card: #1e2226;
  --line: #363c43; --good: #6fd89a; --good-back: #14301f; --bad: #ff9c9c; --bad-back: #3c1718; --warn: #ffcb66;
  --warn-back: #372a0c; --mark: #7c2023; --mark-ink: #ffe3e3; --field: #4a3f14; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; }
h3 { margin: 0 0 .3rem; font-size: .95rem; }
p { margin: .3rem 0; }
.dim { color: var(--dim); }
.verdict { padding: 1.1rem 1.3rem; border-left: .5rem solid; border-radius: .4rem; }
.same { background: var(--good-back); border-color: var(--good); } .same h1 { color: var(--good); }
.differs { background: var(--bad-back); border-color: var(--bad); } .differs h1 { color: var(--bad); }
.unanswered, .partial { background: var(--warn-back); border-color: var(--warn); }
.unanswered h1, .partial h1 { color: var(--warn); }
.verdict ul { margin: .5rem 0 0; padding-left: 1.2rem; }
.card { padding: 1rem 1.2rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; }
.first { border-color: var(--bad); border-width: 2px; }
.sentence { font-size: 1.15rem; font-weight: 600; }
.place { display: inline-block; margin: .4rem 0; padding: .1rem .6rem; border-radius: 1rem; background: var(--field); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem; margin: .8rem 0; }
.side { min-width: 0; }
pre { margin: 0; padding: .6rem .8rem; overflow-x: auto; background: var(--page); border: 1px solid var(--line);
  border-radius: .3rem; font: 12.5px/1.55 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; }
pre i { color: var(--dim); font-style: normal; }
pre b { font-weight: inherit; background: var(--field); }
mark { background: var(--mark); color: var(--mark-ink); font-weight: 700; text-decoration: underline; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--dim); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
table.narrow { width: auto; }
tr.differs td { color: var(--bad); font-weight: 600; }
tr.named td { background: var(--field); }
.scroll { overflow-x: auto; }
details { margin: .4rem 0; }
details.card { padding: .6rem 1.2rem; }
summary { cursor: pointer; }
details[open] > summary { margin-bottom: .5rem; }
.tag { display: inline-block; min-width: 6.5rem; margin-right: .6rem; padding: 0 .5rem; border: 1px solid var(--line);
  border-radius: .3rem; font-size: .85rem; text-align: center; }
.tag.fails { color: var(--bad); border-color: var(--bad); }
.list { margin: 0; padding-left: 1.2rem; }
footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } .card, .verdict, pre { break-inside: avoid; }
  pre { white-space: pre-wrap; font-size: 8pt; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
