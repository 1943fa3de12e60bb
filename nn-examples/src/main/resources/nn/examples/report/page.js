"use strict";
(() => {
  const root = document.documentElement;
  const tip = document.getElementById("tip");

  // ---- light and dark, and the filter by verdict ----
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    drawAll();
  });
  dark.addEventListener("change", () => drawAll());
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;

  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", on);
      const verdict = button.dataset.filter;
      for (const element of document.querySelectorAll(`article.${verdict}, li[data-verdict="${verdict}"]`)) {
        element.hidden = !on;
      }
      for (const family of document.querySelectorAll(".family, .board .row")) {
        family.hidden = [...family.querySelectorAll("article, li")].every(e => e.hidden);
      }
    });
  }

  // ---- numbers and words ----
  const superscript = n => String(n).replace(/./g, c => ({"-": "⁻"})[c] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
  const scientific = v => {
    const [m, e] = v.toExponential(2).split("e");
    return `${m.replace(/\.?0+$/, "")} · 10${superscript(Number(e))}`;
  };
  const number = v => {
    if (typeof v !== "number") return String(v);
    if (v === 0) return "0";
    const size = Math.abs(v);
    return (size < 1e-3 || size >= 1e5 ? scientific(v) : String(Number(v.toPrecision(4)))).replace(/^-/, "−");
  };
  const plain = v => typeof v === "number" && Number.isFinite(v);
  const hues = 8;
  const hue = i => i < hues ? `var(--c${i})` : "var(--ink)";

  // ---- hover and focus ----
  const escaped = text => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  function show(text, x, y) {
    tip.innerHTML = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, x + 14), innerWidth - box.width - 8);
    tip.style.left = `${x + 14 + box.width > innerWidth - 8 ? Math.max(8, x - 14 - box.width) : left}px`;
    tip.style.top = `${Math.max(8, y - box.height - 10)}px`;
  }
  const hide = () => { tip.hidden = true; };
  addEventListener("scroll", hide, {passive: true});
  addEventListener("keydown", event => { if (event.key === "Escape") hide(); });

  /**
   * Lets a pointer and the arrow keys move over n places; reading(i) marks a place and returns {text, x, y} in the
   * svg's units.
   */
  function explore(svg, n, nearest, reading, leave, columns = 1) {
    let at = -1;
    const go = i => {
      at = i;
      const {text, x, y} = reading(i);
      const box = svg.node().getBoundingClientRect();
      const scale = box.width / svg.attr("viewBox").split(" ")[2];
      show(text, box.left + x * scale, box.top + y * scale);
    };
    const end = () => { at = -1; leave(); hide(); };
    svg.attr("tabindex", 0)
      .on("pointermove pointerdown", event => {
        const i = nearest(...d3.pointer(event, svg.node()));
        if (i < 0) end(); else if (i !== at || tip.hidden) go(i);
      })
      .on("pointerleave blur", end)
      .on("keydown", event => {
        const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns}[event.key];
        if (step === undefined || n === 0) return;
        event.preventDefault();
        go(at < 0 ? 0 : Math.min(n - 1, Math.max(0, at + step)));
      });
  }

  // ---- frames ----
  function frame(plot, data, width, height) {
    const id = plot.parentNode.id;
    const svg = d3.select(plot).append("svg")
      .attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img")
      .attr("aria-labelledby", `${id}-t ${id}-d`);
    svg.append("title").attr("id", `${id}-t`).text(data.title);
    svg.append("desc").attr("id", `${id}-d`).text(data.alternative);
    return svg;
  }

  function scaleOf(axis, values, range, tight) {
    let [low, high] = d3.extent(values);
    if (low === undefined) [low, high] = axis.log ? [.1, 1] : [0, 1];
    if (axis.log) {
      if (low === high) [low, high] = [low / 3, high * 3];
      const scale = d3.scaleLog([low, high], range);
      return tight ? scale : Math.log10(high / low) > 1.5 ? scale.nice() : scale.domain([low / 1.15, high * 1.15]);
    }
    if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
    if (!tight && low > 0 && low < .35 * high) low = 0;
    const scale = d3.scaleLinear([low, high], range);
    return tight ? scale : scale.nice();
  }

  function ticksOf(scale, axis, count) {
    if (!axis.log) return {values: scale.ticks(count), text: v => number(+v.toPrecision(12))};
    const [low, high] = scale.domain().map(Math.log10);
    if (high - low < 2.2) {
      const leading = v => +(v / 10 ** Math.floor(Math.log10(v) + 1e-9)).toFixed(6);
      const values = scale.ticks().filter(v => [1, 2, 5].includes(leading(v)));
      return {values: values.length > 1 ? values : scale.ticks(count), text: number};
    }
    const step = Math.max(1, Math.ceil((high - low) / count));
    const values = [];
    for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e++) if (e % step === 0) values.push(10 ** e);
    const short = Math.max(Math.abs(low), Math.abs(high)) <= 3;
    return {values, text: v => short ? number(v) : `10${superscript(Math.round(Math.log10(v)))}`};
  }

  /** Whether all values are whole numbers, such as layers: then only whole numbers get a tick. */
  const whole = values => values.every(v => Number.isInteger(v));

  function axes(svg, x, y, data, box, xCount, yCount, counts) {
    const yTicks = ticksOf(y, data.y, yCount), xTicks = ticksOf(x, data.x, xCount);
    if (data.x.names.length > 0) {
      xTicks.values = data.x.names.map((_, i) => i + 1);
      xTicks.text = v => data.x.names[v - 1];
    } else if (counts) {
      xTicks.values = xTicks.values.filter(Number.isInteger);
    }
    svg.append("g").attr("class", "grid").selectAll("line").data(yTicks.values).join("line")
      .attr("x1", box.left).attr("x2", box.right).attr("y1", y).attr("y2", y);
    svg.append("g").attr("class", "axis").attr("transform", `translate(${box.left},0)`)
      .call(d3.axisLeft(y).tickValues(yTicks.values).tickFormat(yTicks.text).tickSize(0).tickPadding(6))
      .call(g => g.select(".domain").remove());
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${box.bottom})`)
      .call(d3.axisBottom(x).tickValues(xTicks.values).tickFormat(xTicks.text).tickSize(4).tickSizeOuter(0));
  }

  /** Adds the name of an axis as HTML above or below the drawing, since it may contain a formula. */
  function axisName(plot, axis, where) {
    d3.select(plot).append("div").attr("class", `axis-name ${where}`).html(axis.title.html);
  }

  // ---- lines, bands, points ----
  function chart(plot, data, width) {
    const good = (s, i) => [[s.x[i], data.x.log]].concat([[s.y[i], data.y.log]])
      .every(([v, log]) => plain(v) && (!log || v > 0));
    // each slider adds a series
    const series = data.series.concat(data.sliders.map(s => ({
      name: s.words.text, of: s.words.text, style: "SLIDER", x: s.x, y: s.y[s.at],
      words: {
        html: `theory at ${s.words.html} = ${number(s.settings[s.at])}`,
        text: `theory at ${number(s.settings[s.at])}`,
      },
    })));
    // a measured series and its theory share a hue; the first reference line has none
    const measured = new Set(data.series.filter(s => !["PREDICTION", "LABEL"].includes(s.style)).map(s => s.name));
    const colours = new Map([...measured].map((name, i) => [name, hue(i)]));
    let next = measured.size, references = 0;
    for (const s of series) {
      if (s.style === "LABEL" || colours.has(s.of)) continue;
      colours.set(s.of, s.style === "PREDICTION" && references++ === 0 ? "var(--ink)" : hue(next++));
    }
    const dashes = {PREDICTION: "6 4", SLIDER: "14 4"};

    const key = d3.select(plot).append("ul").attr("class", "key");
    const named = series.filter(s => s.style !== "LABEL" && s.style !== "MARK");
    const shown = [...new Map(named.map(s => [s.name, s])).values()];
    if (shown.length > 1 || shown.some(s => s.style === "BAND")) for (const one of shown) {
      const styles = series.filter(s => s.name === one.name).map(s => s.style);
      const item = key.append("li");
      const swatch = item.append("svg").attr("viewBox", "0 0 22 10").attr("aria-hidden", true);
      const colour = colours.get(one.of);
      if (styles.includes("BAND")) {
        swatch.append("rect").attr("width", 22).attr("height", 10).style("fill", colour).attr("opacity", .18);
      }
      if (styles.includes("POINTS")) {
        swatch.append("circle").attr("cx", 11).attr("cy", 5).attr("r", 3.5).style("fill", colour);
      }
      const line = ["LINE", "PREDICTION", "SLIDER"].find(style => styles.includes(style));
      if (line !== undefined) {
        swatch.append("line").attr("x2", 22).attr("y1", 5).attr("y2", 5).style("stroke", colour).attr("stroke-width", 2)
          .attr("stroke-dasharray", line === "PREDICTION" ? "5 3" : line === "SLIDER" ? "9 3" : null);
      }
      item.append("span").html(one.words.html);
    }
    const notes = [];
    if (data.series.some(s => s.style === "PREDICTION" && measured.has(s.name))) notes.push("dashed: theory");
    // a band around the line of its name is that of repetitions; the name of any other band explains it
    if (data.series.some(s => s.style === "BAND" && data.series.some(o => o.style === "LINE" && o.name === s.name))) {
      notes.push("bands: 5 to 95 %");
    }
    if (notes.length > 0) key.append("li").style("color", "var(--soft)").text(notes.join("; "));
    axisName(plot, data.y, "up");

    const height = Math.round(Math.min(340, Math.max(230, width * .56)));
    const svg = frame(plot, data, width, height);
    const xs = [], ys = [];
    for (const s of series) for (let i = 0; i < s.x.length; i++) {
      if (good(s, i)) { xs.push(s.x[i]); ys.push(s.y[i]); }
      if (s.style === "BAND" && plain(s.high[i]) && (!data.y.log || s.high[i] > 0)) ys.push(s.high[i]);
    }
    const box = {left: 46, right: width - 12, top: 8, bottom: height - 24};
    const y = scaleOf(data.y, ys, [box.bottom, box.top]);
    const widest = d3.max(ticksOf(y, data.y, 6).values, v => ticksOf(y, data.y, 6).text(v).length) ?? 3;
    box.left = Math.max(30, 12 + 6.6 * widest);
    const scattered = series.every(s => ["POINTS", "MARK", "LABEL"].includes(s.style));
    const x = scaleOf(data.x, xs, [box.left, box.right], !scattered);
    axes(svg, x, y, data, box, Math.max(3, Math.round(width / 90)), 6, whole(xs));
    axisName(plot, data.x, "right");

    const line = d3.line(p => x(p[0]), p => y(p[1])).defined(p => p[2]);
    const floor = y.domain()[0];
    for (const s of series) {
      const colour = colours.get(s.of) ?? "var(--ink)";
      const rows = s.x.map((v, i) => [v, s.y[i], good(s, i)]);
      if (s.style === "BAND") {
        const area = d3.area().x((_, i) => x(s.x[i]))
          .y0((_, i) => y(data.y.log ? Math.max(s.low[i], floor) : s.low[i])).y1((_, i) => y(s.high[i]))
          .defined((_, i) => plain(s.low[i]) && plain(s.high[i]) && (!data.y.log || s.high[i] > 0));
        svg.append("path").attr("class", "mark").attr("d", area(s.x)).style("fill", colour).attr("opacity", .18);
      } else if (["LINE", "PREDICTION", "SLIDER"].includes(s.style)) {
        svg.append("path").attr("class", "mark").attr("data-style", s.style).attr("data-series", s.name)
          .attr("data-of", s.of).attr("d", line(rows)).attr("fill", "none").style("stroke", colour)
          .attr("stroke-width", s.style === "PREDICTION" ? 1.6 : 2).attr("stroke-linejoin", "round")
          .attr("stroke-dasharray", dashes[s.style] ?? null);
        if (s.style === "LINE" && rows.length <= 24) dots(rows, colour, 2.6);
      } else if (s.style === "POINTS") {
        dots(rows, colour, rows.length > 200 ? 2 : 3.6);
      } else if (good(s, 0)) {
        if (s.style === "MARK") {
          svg.append("circle").attr("class", "mark").attr("cx", x(s.x[0])).attr("cy", y(s.y[0])).attr("r", 6)
            .style("fill", colour).style("stroke", "var(--paper)").attr("stroke-width", 2);
        }
        const right = x(s.x[0]) > (box.left + box.right) / 2;
        svg.append("text").attr("class", "name halo" + (s.style === "LABEL" ? " mark" : ""))
          .attr("x", x(s.x[0]) + (s.style === "LABEL" ? 0 : right ? -10 : 10))
          .attr("y", y(s.y[0]) + (y(s.y[0]) > box.bottom - 8 ? -9 : 4)) // above the axis, not on it
          .attr("text-anchor", s.style === "LABEL" ? "middle" : right ? "end" : "start")
          .attr("font-style", s.style === "LABEL" ? "italic" : null).text(s.words.text);
      }
    }
    function dots(rows, colour, r) {
      svg.append("g").selectAll("circle").data(rows.filter(p => p[2])).join("circle").attr("class", "mark")
        .attr("cx", p => x(p[0])).attr("cy", p => y(p[1])).attr("r", r).style("fill", colour);
    }

    // readings: the values of all series at each x; in a cloud of points, each point
    const read = series.filter(s => s.style !== "BAND" && s.style !== "LABEL");
    const cloud = scattered;
    const places = cloud
      ? read.flatMap(s => s.x.map((v, i) => ({x: v, y: s.y[i], s, i})).filter(p => good(s, p.i)))
      : [...new Set(read.flatMap(s => s.x.filter((_, i) => good(s, i))))].sort(d3.ascending).map(v => ({x: v}));
    const rule = svg.append("line").attr("y1", box.top).attr("y2", box.bottom)
      .style("stroke", "var(--soft)").attr("visibility", "hidden");
    const focus = svg.append("g");
    const interpolated = (s, v) => {
      const i = s.x.indexOf(v);
      return i >= 0 && good(s, i) ? s.y[i] : undefined;
    };
    explore(svg, places.length,
      (px, py) => {
        if (places.length === 0) return -1;
        return cloud
          ? d3.leastIndex(places, (a, b) => Math.hypot(x(a.x) - px, y(a.y) - py) - Math.hypot(x(b.x) - px, y(b.y) - py))
          : d3.leastIndex(places, (a, b) => Math.abs(x(a.x) - px) - Math.abs(x(b.x) - px));
      },
      i => {
        const p = places[i];
        const here = cloud ? [[p.s, p.y]] : read.map(s => [s, interpolated(s, p.x)]).filter(r => r[1] !== undefined);
        rule.attr("x1", x(p.x)).attr("x2", x(p.x)).attr("visibility", cloud ? "hidden" : "visible");
        focus.selectAll("circle").data(here).join("circle").attr("cx", x(p.x)).attr("cy", r => y(r[1])).attr("r", 4.5)
          .style("fill", "var(--paper)").style("stroke", r => colours.get(r[0].of) ?? "var(--c1)")
          .attr("stroke-width", 2);
        const lines = here.map(([s, v]) => {
          const band = data.series.find(b => b.style === "BAND" && b.name === s.name);
          const at = band ? band.x.indexOf(p.x) : -1;
          const theory = s.style === "PREDICTION" && s.name === s.of && measured.has(s.name) ? ", theory" : "";
          const range = at >= 0 ? ` (${number(band.low[at])} to ${number(band.high[at])})` : "";
          return `${s.words.html}${theory}: ${number(v)}${range}`;
        });
        const place = `${data.x.title.html} ${escaped(data.x.names[p.x - 1] ?? number(p.x))}`;
        return {text: [place, ...lines].join("\n"), x: x(p.x), y: d3.min(here, r => y(r[1])) ?? box.top};
      },
      () => { rule.attr("visibility", "hidden"); focus.selectAll("*").remove(); });
  }

  // ---- stacked histograms ----
  function histograms(plot, data, width) {
    const n = data.groups.length, row = n > 4 ? 42 : 62, gap = 8;
    const label = 8 + 6.6 * d3.max(data.groups, g => g.name.length);
    const height = 6 + n * (row + gap) + 24;
    const svg = frame(plot, data, width, height);
    const box = {left: Math.min(label, width * .3), right: width - 12, bottom: height - 26};
    const x = d3.scaleLinear([data.low, data.high], [box.left, box.right]);
    const ticks = ticksOf(x, data.x, Math.max(3, Math.round(width / 90)));
    svg.append("g").attr("class", "axis").attr("transform", `translate(0,${box.bottom})`)
      .call(d3.axisBottom(x).tickValues(ticks.values).tickFormat(ticks.text).tickSize(4).tickSizeOuter(0));
    axisName(plot, data.x, "right");
    const bars = [];
    data.groups.forEach((g, k) => {
      const base = 6 + (k + 1) * (row + gap) - gap;
      const h = d3.scaleLinear([0, d3.max(g.shares)], [0, row]);
      const bin = (data.high - data.low) / g.shares.length;
      svg.append("text").attr("class", "name").attr("x", 0).attr("y", base - 2).text(g.name);
      svg.append("line").attr("x1", box.left).attr("x2", box.right).attr("y1", base).attr("y2", base)
        .style("stroke", "var(--rule)");
      g.shares.forEach((share, i) => bars.push({g, share, x: x(data.low + i * bin), w: x(data.low + bin) - x(data.low),
        y: base - h(share), h: h(share), base, from: data.low + i * bin, to: data.low + (i + 1) * bin}));
    });
    const rects = svg.append("g").selectAll("rect").data(bars.filter(b => b.share > 0)).join("rect")
      .attr("class", "mark").attr("x", b => b.x + .5).attr("width", b => Math.max(.5, b.w - 1))
      .attr("y", b => b.y).attr("height", b => Math.max(.75, b.h))
      .style("fill", "var(--c0)");
    const per = data.groups[0].shares.length;
    explore(svg, bars.length,
      (px, py) => {
        if (px < box.left || px > box.right) return -1;
        const k = Math.min(n - 1, Math.max(0, Math.floor((py - 6) / (row + gap))));
        return k * per + Math.min(per - 1, Math.floor((px - box.left) / bars[0].w));
      },
      i => {
        const b = bars[i];
        rects.style("fill", r => r === b ? "var(--c1)" : "var(--c0)");
        const text = `${escaped(b.g.name)}\n${number(b.from)} to ${number(b.to)}: ${number(100 * b.share)} %`;
        return {text, x: b.x + b.w / 2, y: b.y};
      },
      () => rects.style("fill", "var(--c0)"), per);
  }

  const heatmapDashes = ["none", "7 4", "2 4"];

  // ---- matrices, with lines of theory ----
  function heatmap(plot, data, width) {
    const rows = data.cells.length, columns = data.cells[0].length;
    const xName = j => data.x.names[j] ?? String(j + 1), yName = i => data.y.names[i] ?? String(i + 1);
    const key = d3.select(plot).append("ul").attr("class", "key");
    data.lines.forEach((one, k) => {
      const item = key.append("li");
      item.append("svg").attr("viewBox", "0 0 22 10").attr("aria-hidden", true)
        .append("line").attr("x2", 22).attr("y1", 5).attr("y2", 5).style("stroke", "var(--ink)")
        .attr("stroke-width", 2).attr("stroke-dasharray", heatmapDashes[k % heatmapDashes.length]);
      item.append("span").html(one.words.html);
    });
    const left = 14 + 6.6 * Math.max(3, d3.max(d3.range(rows), i => yName(i).length));
    const top = 24, most = Math.min(width - left - 12, columns * 40);
    const cell = Math.min(most / columns, Math.max(3, 340 / rows));
    const w = cell * columns, h = cell * rows, height = top + h + 84;
    const svg = frame(plot, data, width, height);
    const values = data.cells.flat().filter(plain);
    let [low, high] = data.colours ?? d3.extent(values);
    const diverging = low < 0 && high > 0;
    const isDark = (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    if (diverging) { high = Math.max(-low, high); low = -high; }
    if (low === high) { low -= Math.abs(low) / 2 || .5; high += Math.abs(high) / 2 || .5; }
    const middle = isDark ? "#24272d" : "#f4f2ee";
    const bothWays = isDark ? ["#f29a5c", middle, "#6cb4f0"] : ["#b8480a", middle, "#0b5fa5"];
    const oneWay = isDark ? ["#24272d", "#2f6ea3", "#bfe3ff"] : ["#f1efe9", "#5d9ccb", "#083a68"];
    const colour = diverging
      ? d3.scaleDiverging([low, 0, high], d3.piecewise(d3.interpolateLab, bothWays))
      : d3.scaleSequential([low, high], d3.piecewise(d3.interpolateLab, oneWay));
    const cells = data.cells.flatMap((r, i) => r.map((v, j) => ({v, i, j})));
    svg.append("g").selectAll("rect").data(cells).join("rect").attr("class", "mark")
      .attr("x", c => left + c.j * cell).attr("y", c => top + c.i * cell)
      .attr("width", cell - (cell > 6 ? 1 : 0)).attr("height", cell - (cell > 6 ? 1 : 0))
      .attr("fill", c => plain(c.v) ? colour(c.v) : "none");
    data.lines.forEach((one, k) => {
      const path = d3.line(p => left + (p[0] - .5) * cell, p => top + (p[1] - .5) * cell).defined(p => p.every(plain));
      const d = path(one.x.map((v, i) => [v, one.y[i]]));
      // a wide stroke in the colour of the paper keeps the line visible on every cell
      for (const [colour, wide, dash] of [["var(--paper)", 4.5, "none"], ["var(--ink)", 2, null]]) {
        svg.append("path").attr("class", "mark").attr("data-line", one.words.text).attr("d", d).attr("fill", "none")
          .style("stroke", colour).attr("stroke-width", wide).attr("stroke-linejoin", "round")
          .attr("stroke-dasharray", dash ?? heatmapDashes[k % heatmapDashes.length]);
      }
    });
    const every = (count, room) => Math.max(1, Math.ceil(count / Math.max(1, Math.floor(room / 26))));
    const widest = d3.max(d3.range(columns), j => xName(j).length);
    const xe = every(columns, w * Math.min(1, 26 / (6.6 * widest + 6))), ye = every(rows, h);
    const nice = (i, step, count) => i === 0 || i === count - 1 || ((i + 1) % step === 0 && i + 1 + step / 2 < count);
    svg.append("g").selectAll("text").data(d3.range(columns).filter(j => nice(j, xe, columns))).join("text")
      .attr("x", j => left + (j + .5) * cell).attr("y", top + h + 14).attr("text-anchor", "middle").text(xName);
    svg.append("g").selectAll("text").data(d3.range(rows).filter(i => nice(i, ye, rows))).join("text")
      .attr("x", left - 6).attr("y", i => top + (i + .5) * cell + 4).attr("text-anchor", "end").text(yName);
    svg.append("text").attr("class", "name").attr("y", 11).text(data.y.title.text);
    svg.append("text").attr("class", "name").attr("x", left + w).attr("y", top + h + 30)
      .attr("text-anchor", "end").text(data.x.title.text);
    // the colour key
    const steps = 48, kw = Math.min(180, width - left - 20), ky = top + h + 44;
    svg.append("g").selectAll("rect").data(d3.range(steps)).join("rect").attr("x", i => left + i * kw / steps)
      .attr("y", ky).attr("width", kw / steps + .5).attr("height", 8)
      .attr("fill", i => colour(low + (i + .5) / steps * (high - low)));
    svg.append("text").attr("x", left).attr("y", ky + 22).text(number(low));
    svg.append("text").attr("x", left + kw).attr("y", ky + 22).attr("text-anchor", "end").text(number(high));
    svg.append("text").attr("class", "name").attr("x", left + kw / 2).attr("y", ky + 22)
      .attr("text-anchor", "middle").text(data.value);
    const ring = svg.append("rect").attr("width", cell).attr("height", cell).attr("fill", "none")
      .style("stroke", "var(--ink)").attr("stroke-width", 1.5).attr("visibility", "hidden");
    explore(svg, cells.length,
      (px, py) => {
        const j = Math.floor((px - left) / cell), i = Math.floor((py - top) / cell);
        return i < 0 || j < 0 || i >= rows || j >= columns ? -1 : i * columns + j;
      },
      k => {
        const c = cells[k];
        ring.attr("x", left + c.j * cell - .5).attr("y", top + c.i * cell - .5).attr("visibility", "visible");
        const place = `${data.y.title.text} ${yName(c.i)}, ${data.x.title.text} ${xName(c.j)}`;
        return {text: escaped(`${place}\n${data.value}: ${number(c.v)}`),
          x: left + (c.j + .5) * cell, y: top + c.i * cell};
      },
      () => ring.attr("visibility", "hidden"), columns);
  }

  // ---- draw all, and again when the width changes ----
  const kinds = {chart, histograms, heatmap};
  const drawings = new Map([...document.querySelectorAll("figure.drawing")]
    .map(figure => [figure, JSON.parse(figure.querySelector("script").textContent)]));
  function draw(figure) {
    const plot = figure.querySelector(".plot");
    const data = drawings.get(figure);
    const width = Math.max(240, Math.round(plot.clientWidth));
    plot.replaceChildren();
    kinds[data.kind](plot, data, width);
    figure.dataset.width = width;
    figure.dataset.marks = plot.querySelectorAll(".mark").length;
  }

  // ---- sliders: theory at other settings ----
  for (const [figure, data] of drawings) {
    figure.querySelectorAll(".slider").forEach((place, i) => {
      const slider = data.sliders[i];
      const input = place.querySelector("input"), output = place.querySelector("output");
      const state = () => {
        slider.at = Number(input.value);
        const setting = slider.settings[slider.at], value = slider.y[slider.at].at(-1);
        output.innerHTML = `<b>${number(setting)}</b> <span>${slider.reading.html}: ${number(value)}</span>`;
        Object.assign(output.dataset, {setting, value});
        input.setAttribute("aria-valuetext", `${number(setting)}; ${slider.reading.text}: ${number(value)}`);
      };
      input.addEventListener("input", () => { state(); draw(figure); });
      state();
    });
  }
  function drawAll() { document.querySelectorAll("figure.drawing").forEach(draw); }
  drawAll();
  let waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const figure of document.querySelectorAll("figure.drawing")) {
        if (Math.abs(figure.querySelector(".plot").clientWidth - figure.dataset.width) > 1) draw(figure);
      }
    }, 120);
  });
})();
