"use strict";
// The cases of a replay: found, sorted, shown. What strangers wrote enters the page as text, never as markup.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const strings = data.strings;
  const statuses = data.statuses;
  const ROW = 54; // pixels: the height of .row
  const SPARE = 8; // rows above and below what is seen
  const PRINTED = 50; // cases on paper
  const DIFFED = 12000; // characters of an answer that are compared
  const STEPS = 4000000; // what a comparison may cost
  const ALIKE = 0.25; // below this shared part, marks would be noise

  // ---- the data, by name -------------------------------------------------------------------------------------------
  const side = (value) =>
    value && {
      output: value[0],
      passed: value[1],
      score: value[2],
      samples: value[3],
      from: strings[value[4]],
      model: strings[value[5]],
      cost: value[6],
      latency: value[7],
      tokens: { in: value[8], out: value[9], reasoning: value[10], cached: value[11] },
      error: strings[value[12]],
      assertions: value[13],
    };

  const cases = data.cases.map((value, order) => {
    const old = side(value[8]);
    const fresh = side(value[9]);
    if (fresh && fresh.output === 0) fresh.output = old.output;
    return {
      order,
      prompt: value[0],
      id: value[1],
      status: statuses[value[2]],
      weight: value[2] * 2 + (value[3] & 1 ? 0 : 1),
      changed: (value[3] & 2) > 0,
      said: strings[value[4]],
      tags: value[5].map((number) => strings[number]),
      vars: value[6].map(([number, text]) => [strings[number], text]),
      expected: value[7],
      old,
      new: fresh,
      words: null,
    };
  });

  // ---- small tools -------------------------------------------------------------------------------------------------
  /** An element with attributes and children; a child that is a string is text. */
  const h = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat()) if (child || child === 0) element.append(child);
    return element;
  };
  const number = (value) => value.toLocaleString("en-US");
  const duration = (ms) =>
    ms < 999.5 ? `${Math.round(ms)} ms` : ms < 59950 ? `${(ms / 1000).toPrecision(3)} s` : `${(ms / 60000).toFixed(1)} min`;
  const dollars = (usd) => (usd === 0 ? "$0" : Math.abs(usd) >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(3))}`);
  const rise = (one, of) => {
    const before = one.old && of(one.old);
    const after = one.new && of(one.new);
    return typeof before === "number" && typeof after === "number" ? after - before : -Infinity;
  };
  const failed = (assertions) =>
    assertions.flatMap((one) => {
      if (one[1] === 1) return [];
      const inner = failed(one[4]);
      return inner.length ? inner : [one];
    });
  /** Why a case is worth reading, on one line. */
  const reason = (one) => {
    const fresh = one.new;
    if (!fresh) return "";
    if (one.status === "error") return fresh.error || (one.old && one.old.error) || erred(one) || "no result";
    const first = one.status === "unscored" ? undefined : failed(fresh.assertions)[0];
    if (first) return `${strings[first[0]]}: ${strings[first[3]]}`;
    return fresh.error || (fresh.output === null ? "no answer" : fresh.output.replace(/\s+/g, " ").slice(0, 200));
  };
  const erred = (one) => {
    for (const each of [one.new, one.old]) {
      const found = each && failed(each.assertions).find((assertion) => assertion[1] === 2);
      if (found) return `${strings[found[0]]}: ${strings[found[3]]}`;
    }
    return "";
  };
  const said = (assertions) => assertions.map((one) => `${strings[one[0]]} ${strings[one[3]]} ${said(one[4])}`).join(" ");
  /** All that a search looks into, made when somebody first searches. */
  const words = (one) => {
    if (one.words === null) {
      const sides = [one.old, one.new].filter(Boolean);
      const texts = sides.flatMap((each) => [each.output || "", each.error, each.model, said(each.assertions)]);
      const inputs = one.vars.map(([name, value]) => `${name} ${value}`);
      one.words = [one.id, data.prompts[one.prompt], ...one.tags, one.expected || "", ...inputs, ...texts].join("\n").toLowerCase();
    }
    return one.words;
  };

  // ---- what is asked for, kept in the address ------------------------------------------------------------------------
  const sorts = {
    weight: (a, b) => a.weight - b.weight || a.order - b.order,
    order: (a, b) => a.order - b.order,
    id: (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.order - b.order),
    score: (a, b) => rise(b, (s) => -s.score) - rise(a, (s) => -s.score) || a.order - b.order,
    latency: (a, b) => rise(b, (s) => s.latency) - rise(a, (s) => s.latency) || a.order - b.order,
    cost: (a, b) => rise(b, (s) => s.cost) - rise(a, (s) => s.cost) || a.order - b.order,
    tokens: (a, b) => rise(b, (s) => s.tokens.out) - rise(a, (s) => s.tokens.out) || a.order - b.order,
  };
  // Minus infinity less itself is no number: cases without a figure stay in their order, behind the others.
  for (const [name, sort] of Object.entries(sorts)) sorts[name] = (a, b) => sort(a, b) || a.order - b.order;
  const nothing = () => ({ q: "", status: new Set(), prompt: "", tag: "", sort: "weight", changed: false });
  let wanted = nothing();
  let selected = null;
  let found = [];
  let marks = true;
  let formatted = false;

  /** The name of a case in the address: its id, with its prompt where there are several. */
  const nameOf = (one) => (data.prompts.length > 1 ? `${data.prompts[one.prompt]}:${one.id}` : one.id);
  const named = new Map();
  for (const one of cases) {
    for (const name of [nameOf(one), `${data.prompts[one.prompt]}:${one.id}`, one.id]) if (!named.has(name)) named.set(name, one);
  }
  const address = () => {
    const parts = [];
    const add = (key, value) => value && parts.push(`${key}=${encodeURIComponent(value)}`);
    add("case", selected && nameOf(selected));
    add("q", wanted.q);
    add("status", [...wanted.status].join(","));
    add("prompt", wanted.prompt !== "" && data.prompts[Number(wanted.prompt)]);
    add("tag", wanted.tag);
    add("sort", wanted.sort !== "weight" && wanted.sort);
    add("changed", wanted.changed && "1");
    return parts.join("&");
  };
  const keepAddress = () => {
    const next = `#${address()}`;
    if (next === (location.hash || "#")) return;
    try {
      history.replaceState(null, "", next);
    } catch {
      location.hash = next; // some browsers keep no history for files
    }
  };
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const readAddress = () => {
    const hash = location.hash.slice(1);
    const given = Object.fromEntries(hash.split("&").map((part) => [part.split("=")[0], decoded(part.slice(part.indexOf("=") + 1))]));
    const place = data.prompts.indexOf(given.prompt);
    wanted = {
      q: given.q || "",
      status: new Set((given.status || "").split(",").filter((status) => statuses.includes(status))),
      prompt: place >= 0 ? String(place) : "",
      tag: given.tag || "",
      sort: Object.hasOwn(sorts, given.sort || "") ? given.sort : "weight",
      changed: given.changed === "1",
    };
    selected = (given.case !== undefined && named.get(given.case)) || null;
    showControls();
    refresh();
    showMain();
    if (hash.startsWith("prompt-")) byId(hash)?.scrollIntoView();
  };

  // ---- filters -------------------------------------------------------------------------------------------------------
  const matches = (one, query, { status = true } = {}) =>
    (!status || wanted.status.size === 0 || wanted.status.has(one.status)) &&
    (wanted.prompt === "" || one.prompt === Number(wanted.prompt)) &&
    (wanted.tag === "" || one.tags.includes(wanted.tag)) &&
    (!wanted.changed || one.changed) &&
    query.every((word) => words(one).includes(word));

  const list = byId("list");
  const refresh = () => {
    const query = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    const possible = cases.filter((one) => matches(one, query, { status: false }));
    const counts = new Map();
    for (const one of possible) counts.set(one.status, (counts.get(one.status) || 0) + 1);
    for (const button of byId("statuses").children) {
      button.setAttribute("aria-pressed", String(wanted.status.has(button.dataset.status)));
      button.querySelector("b").textContent = number(counts.get(button.dataset.status) || 0);
    }
    found = wanted.status.size ? possible.filter((one) => wanted.status.has(one.status)) : possible;
    found.sort(sorts[wanted.sort]);
    const all = cases.length === 1 ? "1 case" : `${number(cases.length)} cases`;
    byId("found").textContent = found.length === cases.length ? all : `${number(found.length)} of ${all}`;
    byId("clear").hidden = found.length === cases.length && address().replace(/^case=[^&]*&?/, "") === "";
    rows.clear();
    list.replaceChildren(spacer);
    spacer.style.height = `${found.length * ROW}px`;
    if (selected && found.includes(selected)) reveal(selected);
    draw();
  };

  // ---- the list: only what is seen is in the page -------------------------------------------------------------------
  const spacer = h("div", { role: "presentation" });
  const rows = new Map();
  const draw = () => {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
    const last = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE);
    for (const [place, row] of rows) {
      if (place < first || place >= last) {
        row.remove();
        rows.delete(place);
      }
    }
    for (let place = first; place < last; place += 1) {
      if (!rows.has(place)) {
        const row = rowOf(found[place], place);
        rows.set(place, row);
        list.append(row);
      }
    }
    mark();
  };
  const rowOf = (one, place) => {
    const slower = rise(one, (each) => each.latency);
    const aside = Number.isFinite(slower) && slower !== 0 ? `${slower > 0 ? "+" : "−"}${duration(Math.abs(slower))}` : "";
    const row = h(
      "div",
      { class: "row", role: "option", id: `row-${one.order}`, "aria-setsize": found.length, "aria-posinset": place + 1, onclick: () => select(one) },
      h(
        "div",
        { class: "first" },
        h("span", { class: `dot s-${one.status}`, "aria-hidden": "true" }),
        h("bdi", { class: "id" }, one.id || "(no id)"),
        one.tags.slice(0, 2).map((tag) => h("bdi", { class: "tag" }, tag)),
        h("span", { class: "more" }, `${one.status}${aside ? ` ${aside}` : ""}`),
      ),
      h("div", { class: "said", dir: "auto" }, reason(one)),
    );
    row.style.top = `${place * ROW}px`;
    return row;
  };
  const mark = () => {
    for (const row of rows.values()) row.setAttribute("aria-selected", String(selected !== null && row.id === `row-${selected.order}`));
    if (selected && byId(`row-${selected.order}`)) list.setAttribute("aria-activedescendant", `row-${selected.order}`);
    else list.removeAttribute("aria-activedescendant");
  };
  const reveal = (one) => {
    const top = found.indexOf(one) * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  };

  // ---- one case ------------------------------------------------------------------------------------------------------
  const select = (one) => {
    selected = one;
    if (one && found.includes(one)) reveal(one);
    draw();
    showMain();
    keepAddress();
  };
  const move = (by, want = () => true) => {
    let place = selected ? found.indexOf(selected) : by > 0 ? -1 : found.length;
    if (place < 0 && selected) place = by > 0 ? -1 : found.length;
    for (place += by; place >= 0 && place < found.length; place += by) if (want(found[place])) return select(found[place]);
    return undefined;
  };
  const isBroken = (one) => one.status === "regressed" || one.status === "error";

  const showMain = () => {
    byId("overview").hidden = selected !== null;
    byId("case").hidden = selected === null;
    if (selected) {
      byId("case").replaceChildren(...caseParts(selected, { live: true }));
      byId("main").scrollTop = 0;
      document.body.dataset.pane = "main";
    }
  };

  const caseParts = (one, { live }) => [
    h(
      "div",
      { class: "case-head" },
      h("span", { class: `badge s-${one.status}` }, h("span", { class: `dot s-${one.status}`, "aria-hidden": "true" }), one.status),
      h("h2", {}, h("bdi", {}, one.id || "(no id)")),
      live &&
        h(
          "span",
          { class: "go" },
          h("button", { type: "button", onclick: () => move(-1), title: "k" }, "Previous"),
          h("button", { type: "button", onclick: () => move(1), title: "j" }, "Next"),
          h("button", { type: "button", onclick: copyLink, title: "c", id: "link" }, "Copy link"),
        ),
    ),
    h(
      "p",
      { class: "case-sub" },
      h("bdi", {}, data.prompts[one.prompt]),
      one.said !== one.status && h("span", {}, one.said),
      one.tags.map((tag) => h("bdi", { class: "tag" }, tag)),
    ),
    answers(one, live),
    assertions(one),
    inputs(one),
  ].filter(Boolean);

  const inputs = (one) => {
    if (!one.vars.length) return null;
    const shown = one.vars.map(([name, value]) => h("div", {}, h("dt", {}, h("bdi", {}, name)), h("dd", { dir: "auto", tabindex: value.length > 900 && "0" }, value)));
    return h("section", { class: "block" }, h("h3", {}, "Inputs"), h("dl", { class: "inputs" }, shown));
  };

  const answers = (one, live) => {
    const { old, new: fresh } = one;
    if (!fresh && !old) return null;
    const json = [old, fresh].filter((each) => each && each.output !== null).every((each) => inLines(each.output) !== null);
    const shape = (each) => each && (json && formatted ? inLines(each.output) : each.output);
    const [before, after] = [shape(old), shape(fresh)];
    const both = typeof before === "string" && typeof after === "string";
    const same = both && old.output === fresh.output;
    const diff = both && !same && marks ? compared(before, after) : null;
    const sides = [old && ["old", old, before, diff && diff.old], fresh && ["new", fresh, after, diff && diff.new]].filter(Boolean);
    const toggle = (name, pressed, onclick, title) => h("button", { type: "button", "aria-pressed": String(pressed), onclick, title }, name);
    const long = both && Math.min(before.length, after.length) > 80;
    const unlike = diff && !diff.alike && long ? "The two answers share too little for marks to help." : "";
    const note = same ? "The same answer on both sides." : unlike;
    return h(
      "section",
      { class: "block" },
      h(
        "h3",
        {},
        "Answers",
        live && h("span", { class: "go" }, json && toggle("Lines", formatted, toggleLines, "f"), both && !same && toggle("Differences", marks, toggleMarks, "d")),
      ),
      h("div", { class: `beside${sides.length < 2 ? " single" : ""}` }, sides.map(answer)),
      one.expected !== null && h("div", { class: "expected" }, h("b", {}, "expected"), h("div", { class: "answer", dir: "auto" }, one.expected)),
      note && h("p", { class: "note" }, note),
    );
  };
  /** JSON with each value on a line of its own; null for what is no object or list. */
  const inLines = (text) => {
    if (!/^\s*[[{]/.test(text) || text.length > 200000) return null;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return null;
    }
  };
  const answer = ([name, each, text, pieces]) => {
    const sign = each.passed === null ? null : each.passed ? h("span", { class: "yes" }, "✓ passed") : h("span", { class: "no" }, "✗ failed");
    const tokens = each.tokens;
    const facts = [
      each.model,
      each.from && `from ${each.from === "provider" ? "the provider" : each.from === "cache" ? "the cache" : "a recording"}`,
      each.score !== null && `score ${each.score}`,
      each.latency !== null && duration(each.latency),
      each.cost !== null && dollars(each.cost),
      tokens.in !== null && `${number(tokens.in)} tokens in`,
      tokens.out !== null && `${number(tokens.out)} out`,
      tokens.reasoning ? `${number(tokens.reasoning)} reasoning` : "",
      tokens.cached ? `${number(tokens.cached)} cached` : "",
      each.samples > 1 && `${each.samples} samples`,
    ].filter(Boolean);
    return h("section", { "aria-label": name }, h("h4", {}, name, sign), h("p", { class: "meta" }, facts.join(" · ")), answerBody(name, each, text, pieces));
  };
  const answerBody = (name, each, text, pieces) => {
    if (each.output === null) return h("div", { class: "answer none", dir: "auto" }, each.error || "no answer");
    if (each.output.trim() === "") return h("div", { class: "answer none" }, each.output === "" ? "an empty answer" : "white space alone");
    const tag = name === "old" ? "del" : "ins";
    const content = pieces ? pieces.map(([part, changed]) => (changed ? h(tag, {}, part) : part)) : [text];
    return h("div", { class: "answer", dir: "auto" }, content);
  };

  const assertions = (one) => {
    const olds = one.old ? one.old.assertions : [];
    const news = one.new ? one.new.assertions : [];
    if (!olds.length && !news.length) return null;
    const pairs = (before, after, depth) =>
      Array.from({ length: Math.max(before.length, after.length) }, (_, place) => [before[place], after[place], depth]).flatMap((pair) => [
        pair,
        ...pairs((pair[0] || [])[4] || [], (pair[1] || [])[4] || [], depth + 1),
      ]);
    const sign = (assertion) => {
      if (!assertion) return "";
      const word = ["✗ failed", "✓ passed", "! error"][assertion[1]];
      return h("span", { class: assertion[1] === 1 ? "yes" : "no" }, word, assertion[2] !== null && assertion[2] !== assertion[1] % 2 && h("span", { class: "same" }, ` ${assertion[2]}`));
    };
    const why = (before, after) => {
      const now = after && strings[after[3]];
      const was = before && strings[before[3]];
      if (now === undefined || was === undefined || now === was) return h("div", { dir: "auto" }, now || was || "");
      return [h("div", { dir: "auto" }, now), h("div", { class: "same", dir: "auto" }, `before: ${was}`)];
    };
    const lines = pairs(olds, news, 0).map(([before, after, depth]) =>
      h(
        "tr",
        {},
        h("td", {}, depth > 0 && h("span", { class: "deep" }, `${"  ".repeat(depth - 1)}└ `), h("code", {}, strings[(after || before)[0]])),
        one.old && h("td", { class: "sign" }, sign(before)),
        h("td", { class: "sign" }, sign(after)),
        h("td", { class: "why" }, why(before, after)),
      ),
    );
    const titles = ["assertion", ...(one.old ? ["old"] : []), "new", "reason"].map((title) => h("th", { scope: "col" }, title));
    return h("section", { class: "block" }, h("h3", {}, "Assertions"), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, titles)), h("tbody", {}, lines))));
  };

  // ---- two answers, word by word -------------------------------------------------------------------------------------
  const WORD = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;
  /** The pieces of both texts, [text, whether it changed]; `alike` says whether marks say something. */
  const compared = (before, after) => {
    const olds = before.slice(0, DIFFED).match(WORD) || [];
    const news = after.slice(0, DIFFED).match(WORD) || [];
    const kept = common(olds, news);
    const shared = kept.reduce((sum, [place]) => sum + olds[place].length, 0);
    const longest = Math.max(Math.min(before.length, DIFFED), Math.min(after.length, DIFFED), 1);
    if (shared < ALIKE * longest) return { alike: false, old: null, new: null };
    const tail = (text) => (text.length > DIFFED ? [[text.slice(DIFFED), false]] : []);
    const inOld = new Set(kept.map(([place]) => place));
    const inNew = new Set(kept.map(([, place]) => place));
    return { alike: true, old: [...joined(olds, inOld), ...tail(before)], new: [...joined(news, inNew), ...tail(after)] };
  };
  const joined = (parts, kept) => {
    const pieces = [];
    parts.forEach((text, place) => {
      // A blank between two changed words is marked with them: one mark reads better than crumbs.
      const between = /^\s+$/.test(text) && !text.includes("\n") && place > 0 && place < parts.length - 1 && !kept.has(place - 1) && !kept.has(place + 1);
      const changed = !kept.has(place) || between;
      const last = pieces[pieces.length - 1];
      if (last && last[1] === changed) last[0] += text;
      else pieces.push([text, changed]);
    });
    return pieces;
  };
  /** The longest common subsequence, as pairs of places. Where it would cost too much, common ends alone. */
  const common = (a, b) => {
    let start = 0;
    let [endA, endB] = [a.length, b.length];
    while (start < endA && start < endB && a[start] === b[start]) start += 1;
    while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1];
    const pairs = [];
    for (let place = 0; place < start; place += 1) pairs.push([place, place]);
    const [rowsOf, columns] = [endA - start, endB - start];
    if (rowsOf * columns <= STEPS && rowsOf && columns) {
      const best = Array.from({ length: rowsOf + 1 }, () => new Uint16Array(columns + 1));
      for (let i = rowsOf - 1; i >= 0; i -= 1) {
        for (let j = columns - 1; j >= 0; j -= 1) {
          best[i][j] = a[start + i] === b[start + j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
        }
      }
      for (let i = 0, j = 0; i < rowsOf && j < columns; ) {
        if (a[start + i] === b[start + j]) pairs.push([start + i++, start + j++]);
        else if (best[i + 1][j] >= best[i][j + 1]) i += 1;
        else j += 1;
      }
    }
    for (let back = 0; endA + back < a.length; back += 1) pairs.push([endA + back, endB + back]);
    return pairs;
  };
  const toggleMarks = () => {
    marks = !marks;
    showMain();
  };

  const toggleLines = () => {
    formatted = !formatted;
    showMain();
  };

  // ---- controls --------------------------------------------------------------------------------------------------------
  const showControls = () => {
    byId("search").value = wanted.q;
    byId("prompt").value = wanted.prompt;
    byId("tag").value = wanted.tag;
    byId("sort").value = wanted.sort;
    byId("changed").checked = wanted.changed;
  };
  const asked = (change) => {
    Object.assign(wanted, change);
    list.scrollTop = 0;
    refresh();
    keepAddress();
  };
  const clear = () => {
    wanted = nothing();
    showControls();
    asked({});
  };
  const copyLink = async () => {
    const button = byId("link");
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "See the address bar";
    }
    setTimeout(() => (button.textContent = "Copy link"), 1500);
  };
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("promptctl-theme", value);
      return localStorage.getItem("promptctl-theme");
    } catch {
      return null; // a file may have no storage
    }
  };
  const toggleTheme = () => {
    const now = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
    remembered(document.documentElement.dataset.theme);
  };
  const toList = () => {
    document.body.dataset.pane = "list";
    draw();
  };
  const help = byId("help");

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    n: () => move(1, isBroken),
    p: () => move(-1, isBroken),
    o: () => select(null),
    Escape: () => select(null),
    "/": () => {
      toList();
      byId("search").focus();
    },
    d: toggleMarks,
    f: toggleLines,
    c: () => selected && copyLink(),
    x: clear,
    t: toggleTheme,
    "?": () => help.showModal(),
  };
  const inList = {
    Home: () => found.length && select(found[0]),
    End: () => found.length && select(found[found.length - 1]),
    PageDown: () => jump(Math.floor(list.clientHeight / ROW)),
    PageUp: () => jump(-Math.floor(list.clientHeight / ROW)),
    Enter: () => selected && byId("main").focus(),
  };
  const jump = (by) => {
    if (!found.length) return;
    const place = Math.max(0, selected ? found.indexOf(selected) : 0) + by;
    select(found[Math.max(0, Math.min(found.length - 1, place))]);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const target = event.target;
    if (target.matches("input[type=search], select, textarea")) {
      if (event.key === "Escape") target.blur();
      if (event.key === "ArrowDown" && target.id === "search") list.focus();
      return;
    }
    // Elsewhere than in the list, arrows scroll what one reads.
    const arrows = event.key.startsWith("Arrow") && target !== list && target !== document.body;
    const act = (target === list && inList[event.key]) || (!arrows && keys[event.key]);
    if (!act) return;
    event.preventDefault();
    act();
  });

  for (const status of statuses) {
    if (!cases.some((one) => one.status === status)) continue;
    const press = () => {
      if (!wanted.status.delete(status)) wanted.status.add(status);
      asked({});
    };
    const dot = h("span", { class: `dot s-${status}`, "aria-hidden": "true" });
    byId("statuses").append(h("button", { type: "button", "data-status": status, onclick: press }, dot, status, h("b", {})));
  }
  const tags = new Map();
  for (const one of cases) for (const tag of one.tags) tags.set(tag, (tags.get(tag) || 0) + 1);
  for (const [tag, count] of [...tags].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 500)) {
    byId("tag").append(h("option", { value: tag }, `${tag} (${number(count)})`));
  }
  byId("tag").hidden = tags.size === 0;
  byId("prompt").hidden = data.prompts.length < 2;
  let typing = 0;
  byId("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => asked({ q: byId("search").value.trim() }), 60);
  });
  for (const id of ["prompt", "tag", "sort"]) byId(id).addEventListener("change", () => asked({ [id]: byId(id).value }));
  byId("changed").addEventListener("change", () => asked({ changed: byId("changed").checked }));
  byId("clear").addEventListener("click", clear);
  byId("theme").addEventListener("click", toggleTheme);
  byId("keys").addEventListener("click", () => help.showModal());
  byId("close").addEventListener("click", () => help.close());
  document.querySelector(".tools").prepend(
    h("button", { type: "button", id: "back", onclick: toList }, "Cases"),
    h("button", { type: "button", onclick: () => select(null), title: "o" }, "Overview"),
  );

  let waiting = false;
  list.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });
  new ResizeObserver(draw).observe(list);
  addEventListener("hashchange", readAddress);
  addEventListener("beforeprint", () => {
    const shown = selected ? [selected] : found.filter((one) => wanted.status.size || isBroken(one)).slice(0, PRINTED);
    byId("print").replaceChildren(...shown.flatMap((one) => caseParts(one, { live: false })));
  });
  addEventListener("afterprint", () => byId("print").replaceChildren());

  const theme = remembered();
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  readAddress();
})();
