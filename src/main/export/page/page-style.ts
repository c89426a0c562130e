/** The look of the report: readable on paper, in the dark and on a phone. Colours of text keep a contrast of 4.5 on their ground. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ground:#fff;--card:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--line:#d1d9e0;--link:#0550ae;
--good:#1a7f37;--bad:#b3121d;--warn:#8a5800;--busy:#0550ae;--bar:#d1d9e0}
@media(prefers-color-scheme:dark){:root{--ground:#0d1117;--card:#161b22;--ink:#e6edf3;--quiet:#9da7b3;--line:#30363d;--link:#79b8ff;
--good:#56d364;--bad:#ff8e88;--warn:#e3b341;--busy:#79b8ff;--bar:#30363d}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:24px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 10px}
h3{font-size:15px;margin:0 0 6px;overflow-wrap:anywhere}
p{margin:0 0 10px}
a{color:var(--link)}
code,pre,.id{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
code,.id{overflow-wrap:anywhere}
pre{margin:8px 0;padding:10px 12px;background:var(--card);border:1px solid var(--line);border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.quiet{color:var(--quiet)}
.state{font-weight:600;white-space:nowrap}
.succeeded{color:var(--good)}.failed{color:var(--bad)}.quarantined,.retrying,.canceled{color:var(--warn)}
.running,.pending{color:var(--busy)}.skipped{color:var(--quiet)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px 24px;margin:16px 0 0}
dt{color:var(--quiet);font-size:13px}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.card{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:6px;padding:12px 14px;margin:0 0 12px}
.card.failed,.card.quarantined{color:inherit}.card.quarantined{border-left-color:var(--warn)}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
.wide:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.wide>svg{display:block;margin:0 auto;padding:8px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:6px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{font-size:13px;color:var(--quiet);font-weight:600;white-space:nowrap}
tbody tr:last-child td,tbody tr:last-child th{border-bottom:0}
tbody th{font-weight:600;color:inherit;white-space:normal;min-width:150px}
td.number,th.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.reason{min-width:160px;overflow-wrap:anywhere}
.item{padding-left:28px;font-weight:400}
.when{min-width:200px;width:34%}
.when svg{display:block;width:100%;height:14px;margin-top:4px}
.when .span{fill:var(--bar)}
.when .work{fill:var(--good)}.when .work.failed{fill:var(--bad)}.when .work.canceled,.when .work.quarantined{fill:var(--warn)}.when .work.running{fill:var(--busy)}
ul{margin:0;padding-left:20px}
li{overflow-wrap:anywhere}
@media(max-width:600px){main{padding:16px 12px 40px}th,td{padding:6px 8px}.when{min-width:120px}}
@media print{.wide{overflow:visible}a{color:inherit}}
`;
