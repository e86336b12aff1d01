/** The style sheet of the figures, and of the page of a run. */
import { paint, paletteCss } from './palette.js';

/** What figures need wherever they stand: the palette in both schemes, panels, legends, scales. */
export const FIGURE_CSS = `
:root{color-scheme:light dark;${paletteCss('light')}}
@media screen and (prefers-color-scheme:dark){:root{${paletteCss('dark')}}}
.collapsar-figure{margin:1.2rem 0 0;color:${paint('ink')}}
.collapsar-figure figcaption{margin-top:.7rem;font-size:.875rem;line-height:1.5;color:${paint('quiet')};max-width:52rem}
.collapsar-grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,23rem),1fr));gap:1.1rem 1.6rem;align-items:start}
.collapsar-stack{display:grid;gap:1.6rem}
.collapsar-panel{min-width:0;max-width:32rem;display:flex;flex-direction:column;height:100%;break-inside:avoid}
.collapsar-panel svg.collapsar-plot{width:100%;height:auto;margin-top:auto}
.collapsar-panel-title{font-size:.9rem;font-weight:600;line-height:1.35}
.collapsar-none{color:${paint('quiet')};font-size:.875rem;margin:.5rem 0}
.collapsar-legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem .95rem;margin:.25rem 0 .35rem;padding:0;font-size:.8rem;line-height:1.5;color:${paint('quiet')}}
.collapsar-legend svg{margin-right:.35rem;overflow:visible;vertical-align:baseline}
.collapsar-gram{min-width:0;break-inside:avoid}
.collapsar-gram .collapsar-panel-title{font-weight:400;color:${paint('quiet')}}
.collapsar-gram .collapsar-panel-title b{color:${paint('ink')};margin-right:.3rem}
.collapsar-rows{display:grid;grid-template-columns:repeat(3,minmax(13rem,1fr));gap:1rem;overflow-x:auto;padding-bottom:.3rem;margin-top:.5rem}
.collapsar-heat{min-width:0;max-width:20rem}
.collapsar-heat svg.collapsar-plot{width:100%;height:auto}
.collapsar-heat-title{font-size:.8rem;margin-left:26px;color:${paint('quiet')}}
.collapsar-scale{display:flex;align-items:center;gap:.5rem;font-size:.75rem;margin:.15rem 0 0 26px;color:${paint('quiet')};font-variant-numeric:tabular-nums;white-space:nowrap}
.collapsar-ramp{flex:1;max-width:9rem;height:.55rem;border:1px solid ${paint('line')};background:linear-gradient(to right,${paint('heatMinus')},${paint('card')},${paint('heatPlus')});print-color-adjust:exact;-webkit-print-color-adjust:exact}
`;

export const PAGE_CSS = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:${paint('paper')};color:${paint('ink')};font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header.top,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
header.top{padding-top:2.6rem}
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif;font-weight:600;line-height:1.2;text-wrap:balance}
h1{font-size:clamp(1.6rem,1.15rem + 2.2vw,2.3rem);margin:.15rem 0 0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.35rem;margin:0 0 .3rem}
h3{font-size:1rem;margin:1.6rem 0 .3rem}
p{margin:.5rem 0;max-width:48rem}
section{margin:1.4rem 0;padding:1.4rem 1.5rem 1.5rem;background:${paint('card')};border:1px solid ${paint('line')};border-radius:10px;min-width:0}
.over{font-size:.85rem;color:${paint('quiet')};margin:0;letter-spacing:.02em}
.lead{color:${paint('quiet')}}
.verdict,.alert{display:flex;gap:.9rem;align-items:flex-start;margin:1.2rem 0 0;padding:1rem 1.2rem;border:1px solid ${paint('line')};border-left:5px solid ${paint('quiet')};border-radius:8px;background:${paint('card')};font-size:1.08rem}
.verdict p,.alert p{margin:0;max-width:none;overflow-wrap:anywhere}
.verdict .sign,.alert .sign{font-size:1.25rem;line-height:1.35;font-weight:700;flex:none}
.verdict b,.alert b{display:block;font-size:.85rem}
.held{border-left-color:${paint('good')}}.held .sign,.held b,.held strong{color:${paint('good')}}
.failed,.alert{border-left-color:${paint('bad')}}.failed .sign,.failed b,.failed strong,.alert .sign,.alert b{color:${paint('bad')}}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,10.4rem),1fr));gap:1rem 1.5rem;margin:0}
.facts dt{font-size:.8rem;color:${paint('quiet')}}
.facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts small{display:block;color:${paint('quiet')};font-size:.8rem;line-height:1.4}
.caption{max-width:none;margin:1.3rem 0 .3rem;font-size:.875rem;color:${paint('quiet')}}
.scroll{overflow-x:auto}
.scroll.tight th,.scroll.tight td{padding-left:.3rem;padding-right:.3rem}
.scroll.tall{max-height:30rem;overflow-y:auto}
:focus-visible{outline:2px solid ${paint('blue')};outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.34rem .5rem;text-align:right;border-bottom:1px solid ${paint('line')};white-space:nowrap}
thead th{font-weight:600;color:${paint('quiet')};vertical-align:bottom;line-height:1.3}
thead tr:first-child th[colspan]{text-align:center}
th.text,td.text{text-align:left}
tbody th{font-weight:600;text-align:left}
tbody td.wrap{white-space:normal;min-width:11rem;color:${paint('quiet')};text-align:left}
.scroll.tall thead th{position:sticky;top:0;background:${paint('card')}}
.group{border-left:1px solid ${paint('line')}}
.alive{color:${paint('blue')}}.lost{color:${paint('bad')};font-weight:600}
pre{margin:.7rem 0 0;padding:.9rem 1rem;overflow-x:auto;background:${paint('paper')};border:1px solid ${paint('line')};border-radius:8px;font:.85rem/1.55 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;tab-size:2}
pre.tall{max-height:34rem;overflow-y:auto}
code{font:.9em ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
dl.measures{margin:.6rem 0 0;display:grid;grid-template-columns:minmax(8rem,11rem) 1fr;gap:.55rem 1.2rem;font-size:.92rem}
dl.measures dt{font-weight:600}
dl.measures dd{margin:0;max-width:42rem}
dl.measures dd cite{font-style:normal;color:${paint('quiet')}}
footer{padding-bottom:3rem;font-size:.85rem;color:${paint('quiet')}}
@media (max-width:34rem){main,header.top,footer{padding-left:.75rem;padding-right:.75rem}section{padding:1.1rem .9rem 1.2rem}header.top{padding-top:1.4rem}dl.measures{grid-template-columns:1fr;gap:.1rem}dl.measures dd{margin-bottom:.6rem}.facts{grid-template-columns:1fr 1fr}table{font-size:.8rem}th,td{padding-left:.35rem;padding-right:.35rem}tbody th{white-space:normal}tbody td.wrap{min-width:8.5rem}}
@media print{body{font-size:10.5pt;background:#fff}section{border:0;padding:0;margin:1.6rem 0}.scroll,.scroll.tall,pre.tall,.collapsar-rows{overflow:visible;max-height:none}.collapsar-rows{grid-template-columns:repeat(3,1fr)}.collapsar-grid{grid-template-columns:1fr 1fr}h2{break-after:avoid}tr,pre{break-inside:avoid}main,header.top,footer{max-width:none;padding-left:0;padding-right:0}pre{white-space:pre-wrap}th,td{padding-left:.35rem;padding-right:.35rem}@page{margin:16mm 14mm}}
`;
