/// The page's style sheet: system fonts, two colour schemes, one column on a phone, plain on paper.
enum ReportStyle {
  static let sheet: HTML =
    "\(colours)\(page)\(tables)\(charts)\(ReportDetailStyle.sheet)\(narrow)\(paper)"

  /// Paper is always light.
  private static let colours: HTML = """

    :root { color-scheme: light dark; --bg:#f6f7f8; --card:#fff; --ink:#1b1f24; --soft:#5b6570; \
    --line:#e2e6ea; --score:#4a6fa5; --alarm:#c2410c; --found:#15803d; --missed:#be123c; \
    --grey:#7b8794; --unused:#eef0f2; --primary:#eef3fa; --care:#fff8eb; --care-line:#d99a1c; }
    @media screen and (prefers-color-scheme: dark) { :root { --bg:#121518; --card:#1a1e23; \
    --ink:#e7eaee; --soft:#9aa5b1; --line:#2d343c; --score:#7ea6e0; --alarm:#fb923c; \
    --found:#4ade80; --missed:#fb7185; --grey:#8b97a4; --unused:#21262c; --primary:#1f2937; \
    --care:#2a2416; --care-line:#c8922b; } }

    """

  private static let page: HTML = """
    * { box-sizing:border-box; }
    body { margin:0; background:var(--bg); color:var(--ink); \
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif; }
    main { max-width:1180px; margin:0 auto; padding:32px 24px 64px; }
    h1,h2,b,th,td,dt,dd,li,span { unicode-bidi:isolate; }
    h1 { font-size:28px; line-height:1.2; margin:0 0 12px; overflow-wrap:anywhere; }
    h2 { font-size:18px; margin:0 0 4px; }
    .eyebrow { color:var(--soft); font-size:12px; letter-spacing:.08em; text-transform:uppercase; \
    margin:0 0 4px; }
    .verdict,.more { max-width:78ch; margin:0; overflow-wrap:anywhere; }
    .verdict { font-size:18px; line-height:1.45; } .more { margin-top:6px; }
    .care { background:var(--care); border-left:4px solid var(--care-line); \
    border-radius:4px 10px 10px 4px; padding:12px 18px; margin-top:18px; }
    .care h2 { font-size:14px; margin:0; } .care ul { margin:4px 0 0; padding-left:18px; \
    font-size:14px; overflow-wrap:anywhere; }
    .note { color:var(--soft); font-size:13px; margin:0 0 14px; max-width:110ch; \
    overflow-wrap:anywhere; }
    section { background:var(--card); border:1px solid var(--line); border-radius:10px; \
    padding:20px; margin-top:20px; }
    .tiles { display:grid; grid-template-columns:repeat(5,minmax(0,1fr)); gap:12px; \
    margin:20px 0 0; }
    .tiles div { background:var(--card); border:1px solid var(--line); border-radius:10px; \
    padding:14px 16px; }
    .tiles dt { color:var(--soft); font-size:13px; } .tiles dd { margin:0; }
    .tiles b { display:block; font-size:26px; line-height:1.25; font-variant-numeric:tabular-nums; \
    overflow-wrap:anywhere; }
    .tiles span { color:var(--soft); font-size:12px; }
    summary { cursor:pointer; color:var(--soft); font-size:13px; padding:4px 0; }
    summary:hover { color:var(--ink); }
    details.note { margin:12px 0 0; } details > figure:first-of-type { margin-top:10px; }
    .terms { display:grid; grid-template-columns:max-content minmax(0,1fr); gap:4px 16px; \
    margin:10px 0 0; } .terms dt { color:var(--ink); } .terms dd { margin:0; }
    .code { font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace; \
    font-size:12px; overflow-wrap:anywhere; }
    .facts { display:grid; grid-template-columns:minmax(120px,250px) minmax(0,1fr); \
    gap:6px 20px; margin:10px 0 0; font-size:13px; }
    .facts dt { color:var(--soft); overflow-wrap:anywhere; } .facts dd { margin:0; }

    """

  private static let tables: HTML = """
    .scroll { overflow-x:auto; margin:0 -20px; padding:0 20px; }
    table { border-collapse:collapse; width:100%; font-size:13px; \
    font-variant-numeric:tabular-nums; }
    th,td { padding:7px 9px; text-align:left; border-bottom:1px solid var(--line); \
    vertical-align:top; max-width:44ch; overflow-wrap:break-word; }
    thead th { color:var(--soft); font-weight:500; font-size:12px; line-height:1.3; \
    vertical-align:bottom; white-space:nowrap; }
    tbody th { font-weight:600; }
    tbody tr:last-child > * { border-bottom:0; }
    tbody tr:hover > * { background:var(--primary); }
    caption { text-align:left; font-weight:600; padding:0 0 4px; }
    .numbers td,.numbers thead th:not(:first-child),.n { text-align:right; white-space:nowrap; }
    .incidents th:not(.v),.incidents td:not(.v) { padding-left:7px; padding-right:7px; } \
    .t,.id { white-space:nowrap; } .id { overflow:hidden; text-overflow:ellipsis; }
    tr.primary > * { background:var(--primary); }
    .meter { position:relative; display:inline-block; width:72px; height:8px; margin-right:8px; \
    border-radius:2px; background:var(--line); overflow:hidden; }
    .range { color:var(--soft); font-weight:normal; white-space:nowrap; }
    .meter i { position:absolute; left:0; top:0; bottom:0; background:var(--score); }
    .meter b { position:absolute; top:0; bottom:0; width:2px; margin-left:-1px; \
    background:var(--ink); opacity:.7; }
    .outcome { white-space:nowrap; font-weight:600; }
    .outcome.found { color:var(--found); } .outcome.missed { color:var(--missed); }
    .outcome.excluded { color:var(--grey); }
    .v { text-align:center; padding:7px 3px; width:26px; } td.v { color:var(--found); } \
    td.no { color:var(--grey); }
    th.v span { writing-mode:vertical-rl; transform:rotate(180deg); max-height:120px; \
    overflow:hidden; text-overflow:ellipsis; }

    """

  private static let charts: HTML = """
    .legend { list-style:none; display:flex; flex-wrap:wrap; gap:4px 18px; padding:0; \
    margin:0 0 16px; font-size:12px; color:var(--soft); }
    .legend li::before { content:""; display:inline-block; width:12px; height:12px; \
    border-radius:2px; margin-right:6px; vertical-align:-1px; background:var(--k); opacity:.5; }
    .k-found { --k:var(--found); } .k-missed { --k:var(--missed); } \
    .k-excluded { --k:var(--grey); } .k-alarm { --k:var(--alarm); } .k-unused { --k:var(--unused); }
    .legend .k-untested::before { background:none; border:1px dashed var(--grey); opacity:1; }
    .legend .k-unused::before { border:1px solid var(--line); opacity:1; }
    .legend .k-alarm::before { opacity:1; height:4px; vertical-align:2px; }
    figure { display:grid; grid-template-columns:20px minmax(0,1fr); margin:0 0 16px; }
    figcaption { grid-column:1/-1; display:flex; justify-content:space-between; gap:12px; \
    font-size:13px; } figcaption b { overflow-wrap:anywhere; } \
    figcaption span { color:var(--soft); font-size:12px; white-space:nowrap; }
    .splits,.lane,.plot,.axis { grid-column:2; position:relative; overflow:hidden; }
    .splits,.scale,.axis { font-size:10px; color:var(--soft); }
    .splits { height:13px; line-height:13px; } .splits span { position:absolute; overflow:hidden; \
    padding-left:3px; white-space:nowrap; text-overflow:ellipsis; border-left:1px solid var(--grey); }
    .lane { height:15px; font-size:11px; line-height:15px; }
    .lane span { position:absolute; transform:translateX(-50%); font-weight:700; }
    .lane .found { color:var(--found); } .lane .missed { color:var(--missed); }
    .plot { grid-row:4; height:96px; border:1px solid var(--line); border-radius:4px; }
    .plot svg { display:block; width:100%; height:100%; }
    .scale { grid-column:1; grid-row:4; position:relative; }
    .scale span { position:absolute; right:4px; line-height:12px; transform:translateY(-50%); }
    .defs { position:absolute; width:0; height:0; }
    stop.above { stop-color:var(--alarm); } stop.below { stop-color:var(--score); }
    .line { fill:none; stroke:url(#stroke); stroke-width:1.25; } \
    .area { fill:url(#fill); opacity:.22; }
    .alarms { stroke:var(--alarm); stroke-width:4; stroke-linecap:square; }
    .line,.alarms,.limit,.grid,.divider,rect { vector-effect:non-scaling-stroke; }
    .limit { stroke:var(--alarm); stroke-width:1; stroke-dasharray:5 4; opacity:.8; }
    .grid { stroke:var(--line); stroke-width:1; } \
    .divider { stroke:var(--grey); stroke-width:1; opacity:.6; }
    rect.unused { fill:var(--unused); }
    rect.found { fill:var(--found); stroke:var(--found); } \
    rect.missed { fill:var(--missed); stroke:var(--missed); } \
    rect.excluded { fill:var(--grey); stroke:var(--grey); }
    rect.found,rect.missed,rect.excluded { fill-opacity:.24; stroke-opacity:.5; stroke-width:1; }
    rect.untested { fill:none; stroke:var(--grey); stroke-width:1; stroke-dasharray:3 3; }
    .empty { position:absolute; inset:0; display:grid; place-items:center; margin:0; \
    color:var(--soft); font-size:12px; }
    .axis { height:15px; line-height:15px; }
    .axis span { position:absolute; transform:translateX(-50%); }

    """

  private static let narrow: HTML = """
    @media (max-width:900px) { .tiles div { padding:12px; } .tiles b { font-size:20px; } }
    @media (max-width:640px) { main { padding:20px 12px 40px; } section { padding:16px 14px; } \
    .scroll { margin:0 -14px; padding:0 14px; } \
    h1 { font-size:23px; } .verdict { font-size:16px; } \
    .tiles { grid-template-columns:1fr 1fr; } \
    .tiles div:last-child:nth-child(odd) { grid-column:1/-1; } .tiles b { font-size:22px; } \
    th,td { padding:7px 8px; max-width:24ch; } .v { padding:7px 3px; } \
    .facts,.terms { grid-template-columns:1fr; gap:0; } .facts dd,.terms dd { margin-bottom:8px; } \
    .numbers tbody th,.numbers thead th:first-child { position:sticky; left:-14px; \
    background:var(--card); z-index:1; } .numbers tr.primary th { background:var(--primary); } \
    figcaption { flex-direction:column; gap:0; } .axis span:nth-child(even) { display:none; } }

    """

  /// Folded charts stay folded on paper: a reader opens what should be printed.
  private static let paper: HTML = """
    @media print { @page { margin:12mm; } \
    * { print-color-adjust:exact; -webkit-print-color-adjust:exact; } \
    body { background:#fff; font-size:12px; } main { max-width:none; padding:0; } \
    section { border:0; padding:0; margin-top:22px; } .scroll { overflow:visible; margin:0; \
    padding:0; } table { font-size:9px; } thead th { font-size:9px; } \
    th,td { padding:3px 4px; } .v { padding:3px 1px; width:14px; } td.id { white-space:normal; \
    overflow-wrap:anywhere; } .meter { width:36px; margin-right:4px; } \
    .tiles { grid-template-columns:repeat(5,minmax(0,1fr)); } .tiles b { font-size:18px; } \
    figure,tr,.tiles div,.care,.note,.legend,dd { break-inside:avoid; } h2,.note,.legend { break-after:avoid; } }

    """
}
