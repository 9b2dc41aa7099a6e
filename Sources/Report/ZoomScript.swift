internal import Storage

/// The page's only script: zooms all charts together. The page is whole without it.
enum ZoomScript {
  /// The script as it stands in the page.
  static let source = #"""
    (()=>{"use strict";
    const figures=[...document.querySelectorAll("figure[data-start]")];if(!figures.length)return;
    const start=+figures[0].dataset.start,end=+figures[0].dataset.end,least=(end-start)/1e4;
    let from=start,to=end,raf=0;
    const steps=[1e3,5e3,15e3,6e4,3e5,9e5,18e5,36e5,72e5,108e5,216e5,432e5,864e5,1728e5,6048e5,12096e5,
    24192e5,78624e5,31449600e3];
    const place=(e,l,w)=>{if(e.dataset.l===undefined){e.dataset.l=parseFloat(e.style.left)||0;
    e.dataset.w=parseFloat(e.style.width)||0;}
    const at=t=>(start+(end-start)*t/100-from)/(to-from)*100,a=at(+e.dataset.l);
    e.style.left=a+"%";if(w)e.style.width=at(+e.dataset.l+ +e.dataset.w)-a+"%";};
    const ticks=()=>{const step=steps.find(s=>s*6>=to-from)||steps.at(-1),out=[];
    for(let t=Math.ceil(from/step)*step;t<=to;t+=step){const iso=new Date(t).toISOString(),day=t%864e5===0;
    out.push([(t-from)/(to-from)*100,day||step>=864e5?iso.slice(5,10):iso.slice(11,step<6e4?19:16)]);}return out;};
    const draw=()=>{raf=0;const marks=ticks();for(const f of figures){const svg=f.querySelector(".plot svg");
    const b=svg.viewBox.baseVal,w=+svg.dataset.width;b.x=(from-start)/(end-start)*w;b.width=(to-from)/(end-start)*w;
    f.querySelectorAll(".lane span").forEach(e=>place(e));f.querySelectorAll(".splits span").forEach(e=>place(e,0,1));
    const axis=f.querySelector(".axis");axis.replaceChildren(...marks.map(([x,text])=>{
    const s=document.createElement("span");s.style.left=x+"%";s.textContent=text;return s;}));}
    document.querySelectorAll(".zoom-reset").forEach(e=>e.hidden=from===start&&to===end);};
    const show=(a,b)=>{let w=Math.min(end-start,Math.max(least,b-a));const c=(a+b)/2;
    from=Math.min(end-w,Math.max(start,c-w/2));to=from+w;if(!raf)raf=requestAnimationFrame(draw);};
    for(const f of figures){const plot=f.querySelector(".plot"),box=document.createElement("div");let down=null;
    box.className="brush";box.hidden=true;plot.append(box);
    const share=e=>{const r=plot.getBoundingClientRect();return Math.min(1,Math.max(0,(e.clientX-r.left)/r.width));};
    plot.addEventListener("pointerdown",e=>{if(e.button||e.pointerType==="touch")return;down=share(e);
    plot.setPointerCapture(e.pointerId);});
    plot.addEventListener("pointermove",e=>{if(down===null)return;const x=share(e);box.hidden=false;
    box.style.left=Math.min(x,down)*100+"%";box.style.width=Math.abs(x-down)*100+"%";});
    plot.addEventListener("pointerup",e=>{if(down===null)return;const x=share(e),a=Math.min(x,down),b=Math.max(x,down);
    down=null;box.hidden=true;if(b-a>.005)show(from+(to-from)*a,from+(to-from)*b);});
    plot.addEventListener("pointercancel",()=>{down=null;box.hidden=true;});
    plot.addEventListener("dblclick",()=>show(start,end));
    plot.tabIndex=0;plot.addEventListener("keydown",e=>{const w=to-from,c=(from+to)/2;
    const to2={"+":[c-w/4,c+w/4],"=":[c-w/4,c+w/4],"-":[c-w,c+w],"ArrowLeft":[from-w/4,to-w/4],
    "ArrowRight":[from+w/4,to+w/4],"Escape":[start,end],"0":[start,end]}[e.key];
    if(to2){e.preventDefault();show(...to2);}});
    const bar=f.querySelector(".zoom");if(bar){bar.hidden=false;bar.addEventListener("click",e=>{
    const w=to-from,c=(from+to)/2,k=e.target.dataset.by;if(k==="in")show(c-w/4,c+w/4);
    if(k==="out")show(c-w,c+w);if(k==="left")show(from-w/4,to-w/4);if(k==="right")show(from+w/4,to+w/4);
    if(k==="all")show(start,end);});}}
    document.querySelectorAll("button[data-zoom]").forEach(b=>{const chart=document.getElementById(b.dataset.chart);
    if(!chart)return;b.hidden=false;b.addEventListener("click",()=>{const a=+b.dataset.from,z=+b.dataset.to,w=z-a;
    for(let p=chart.parentElement;p;p=p.parentElement)if(p.tagName==="DETAILS")p.open=true;
    show(a-3*w,z+3*w);chart.scrollIntoView({behavior:"smooth",block:"center"});});});
    })();
    """#

  /// The element of the script, exactly as its digest says.
  static var element: HTML { HTML(markup: "<script>\(source)</script>") }

  /// What the page's policy allows: this script and no other.
  static var policy: String {
    var digest = SHA256Digest()
    digest.update(Array(source.utf8))
    return "'sha256-\(base64(ofHexadecimal: digest.hexadecimal))'"
  }

  private static func base64(ofHexadecimal text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let nibbles = text.compactMap(\.hexDigitValue)
    var bytes = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    let padding = (3 - bytes.count % 3) % 3
    bytes += Array(repeating: 0, count: padding)
    var result = ""
    for index in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[index] << 16 | bytes[index + 1] << 8 | bytes[index + 2]
      for shift in [18, 12, 6, 0] { result.append(alphabet[group >> shift & 63]) }
    }
    return result.dropLast(padding) + String(repeating: "=", count: padding)
  }
}
