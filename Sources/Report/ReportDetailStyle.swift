/// The style of cards, curves, parts and zooming.
enum ReportDetailStyle {
  static let sheet: HTML = """
    button { font:inherit; font-size:12px; color:var(--ink); background:var(--card); cursor:pointer; \
    border:1px solid var(--line); border-radius:6px; padding:1px 8px; }
    button:hover { background:var(--primary); } [hidden] { display:none !important; }
    .zoom { display:flex; gap:4px; margin-left:auto; } figcaption { align-items:center; }
    .plot { cursor:crosshair; touch-action:pan-y; } .plot:focus-visible { outline:2px solid var(--score); }
    .brush { position:absolute; top:0; bottom:0; background:var(--score); opacity:.22; }
    .card { border:1px solid var(--line); border-left:4px solid var(--found); border-radius:8px; \
    padding:8px 14px; margin:0 0 10px; } .card.missed { border-left-color:var(--missed); }
    .card summary { color:var(--ink); font-size:14px; overflow-wrap:anywhere; } \
    .card summary span:last-child { color:var(--soft); font-size:12px; }
    .card p { font-size:13px; margin:6px 0; max-width:100ch; overflow-wrap:anywhere; }
    .voices { list-style:none; padding:0; margin:8px 0; display:grid; gap:8px 18px; \
    grid-template-columns:repeat(auto-fill,minmax(300px,1fr)); font-size:13px; }
    .voices > li { border-left:3px solid var(--line); padding-left:10px; overflow-wrap:anywhere; } \
    .voices > li.loud { border-left-color:var(--alarm); } .voices ul { padding-left:14px; margin:2px 0 0; }
    .voices span { color:var(--soft); } .loud > span { color:var(--alarm); font-weight:600; }
    .zoom-to { margin:4px 0 2px; }
    .curves { display:grid; grid-template-columns:minmax(0,420px) minmax(0,1fr); gap:24px; \
    align-items:center; } .curves svg { width:100%; height:auto; overflow:visible; }
    .curve { fill:none; stroke-width:2; stroke-linejoin:round; vector-effect:non-scaling-stroke; } \
    .tick { fill:var(--soft); font-size:10px; }
    .keys { list-style:none; padding:0; margin:0; font-size:13px; display:grid; gap:6px; }
    .keys i { display:inline-block; width:22px; height:0; border-top:3px solid; margin-right:8px; \
    vertical-align:4px; } .keys span { color:var(--soft); font-variant-numeric:tabular-nums; }
    .c0 { --c:var(--score); } .c1 { --c:#d97706; } .c2 { --c:#0d9488; } .c3 { --c:#9d5bd2; } \
    .c4 { --c:var(--grey); } path.curve { stroke:var(--c); } circle[class] { fill:var(--c); \
    stroke:var(--card); stroke-width:1.5; } .keys i { border-color:var(--c); }
    path.c1 { stroke-dasharray:7 3; } path.c2 { stroke-dasharray:2 3; } path.c3 { stroke-dasharray:9 3 2 3; } \
    .keys i.c1 { border-top-style:dashed; } .keys i.c2 { border-top-style:dotted; }
    .parts { display:grid; grid-template-columns:repeat(auto-fill,minmax(380px,1fr)); gap:18px 48px; \
    align-items:start; } .parts td.bar { width:84px; }
    .slim { width:auto; } .lint { font-size:13px; padding-left:18px; margin:0 0 10px; \
    overflow-wrap:anywhere; } .lint li { margin-bottom:3px; } .lint b { color:var(--missed); }
    @media (max-width:640px) { .curves { grid-template-columns:1fr; } .voices,.parts { grid-template-columns:1fr; } \
    .zoom { margin-left:0; } .zoom button { padding:4px 12px; } }
    @media print { .zoom,.zoom-to,button { display:none !important; } .card,.parts table,.curves { break-inside:avoid; } \
    .card { padding:4px 8px; } .curves { grid-template-columns:280px 1fr; } }

    """
}
