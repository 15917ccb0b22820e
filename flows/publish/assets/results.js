"use strict";
/* The form above a list and what it finds. The query stands in the address (#/?q=…), so that a search can be shared; without this
   script the list below is whole and the form is not there. */
(function () {
  const form = document.getElementById("asking");
  if (!form || !window.HeduiIndex) return;
  const told = JSON.parse(document.getElementById("search-words").textContent);
  const words = told.words;
  const lang = told.lang === "zh" ? 0 : 1;
  const show = form.dataset.show;
  const results = document.getElementById("results");
  const list = document.getElementById("list");
  const said = document.getElementById("found");
  const index = new window.HeduiIndex(told.index);
  const PAGE = 50;
  const state = { sort: "", down: false, page: 1 };
  let opened = false;
  let failed = "";

  function make(tag, classes, text) {
    const node = document.createElement(tag);
    if (classes) node.className = classes;
    if (text !== undefined && text !== null && text !== "") node.textContent = text;
    return node;
  }
  function link(href, text) {
    const node = make("a", "", text);
    node.setAttribute("href", href);
    return node;
  }
  function fill(text, parts) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) { return name in parts ? parts[name] : whole; });
  }
  function singular(text) { return text.replace(/(^|[^\d,])1 (finding|filing)s\b/g, function (whole, before, name) { return before + "1 " + name; }); }
  function grouped(text) { return String(text).replace(/^(-?\d+)/, function (whole) { return whole.replace(/\B(?=(\d{3})+$)/g, ","); }); }

  /* ---- the query: in the form, in the address ---- */
  function fields() { return Array.from(form.elements).filter(function (field) { return field.name; }); }
  function query() {
    const made = { sort: state.sort, down: state.down };
    for (const field of fields()) {
      const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim();
      if (value) made[field.name] = value;
    }
    return made;
  }
  function asked(made) { return Object.keys(made).some(function (name) { return made[name] && name !== "down"; }); }
  function write(made) {
    const parameters = new URLSearchParams();
    for (const name of Object.keys(made)) if (made[name] && name !== "down") parameters.set(name, made[name]);
    if (made.sort && made.down) parameters.set("down", "1");
    if (state.page > 1) parameters.set("page", String(state.page));
    const text = parameters.toString();
    history.replaceState(null, "", location.href.split(/[?#]/)[0] + (text ? "#/?" + text : ""));
  }
  function read() {
    const parameters = new URLSearchParams(location.hash.startsWith("#/?") ? location.hash.slice(3) : location.search);
    for (const field of fields()) {
      const value = parameters.get(field.name) || "";
      if (field.type === "checkbox") field.checked = value === "1";
      else field.value = value;
    }
    state.sort = parameters.get("sort") || "";
    state.down = parameters.get("down") === "1";
    state.page = Math.max(1, parseInt(parameters.get("page") || "1", 10) || 1);
  }

  /* ---- what is found ---- */
  function kindOf(made) { return made.status === "none" ? "unverified" : "broken"; }
  function run() {
    performance.mark("asked");
    const made = query();
    write(made);
    const searching = asked(made);
    results.hidden = !searching;
    list.hidden = searching;
    said.textContent = "";
    document.getElementById("clear").hidden = !searching;
    const other = document.getElementById("elsewhere");
    other.hidden = !made.q;
    if (made.q) other.querySelector("a").setAttribute("href", told.elsewhere + "#/?" + new URLSearchParams({ q: made.q }));
    if (!searching) return;
    if (failed) { said.textContent = fill(words.search_failed, { file: failed }); return; }
    if (!opened) { said.textContent = words.search_loading; open(); return; }
    if (show === "filings") showFilings(made);
    else showFindings(made);
    performance.measure("search", "asked");
  }
  /* The first part is shown at once, those behind it now and then, the last one always. */
  let shownAt = 0;
  function arrived(loaded, of) {
    if (loaded < of && performance.now() - shownAt < 300) return;
    shownAt = performance.now();
    run();
  }
  /* Orders are made while nobody waits. */
  function ahead(kind) {
    const idle = window.requestIdleCallback || setTimeout;
    for (const sort of ["size", "org", "rule"]) idle(function () { index.order(index.rows[kind], sort); });
  }
  function failure(error) { failed = error.message; run(); }
  function open() {
    index.open().then(function () {
      opened = true;
      suggest();
      run();
    }, failure);
  }
  function suggest() {
    const offer = function (id, values) {
      const node = document.getElementById(id);
      if (node) node.replaceChildren.apply(node, values.map(function (pair) { const option = make("option", "", pair[1]); option.value = pair[0]; return option; }));
    };
    offer("regions", Array.from(new Set(index.filings.map(function (filing) { return filing.region; }))).filter(Boolean).sort().map(function (region) { return [region, ""]; }));
    offer("rule-ids", index.rules.filter(function (rule) { return rule.id; }).map(function (rule) { return [rule.id, rule.titles[lang]]; }));
  }

  function pages(total) { return Math.max(1, Math.ceil(total / PAGE)); }
  function show_(total, head, rows, more) {
    state.page = Math.min(state.page, pages(total));
    const table = make("table", "list results cards");
    table.append(make("caption", "vh", said.textContent), head);
    const body = table.createTBody();
    for (const row of rows(PAGE * (state.page - 1), PAGE * state.page)) body.append(row);
    const wide = make("div", "wide");
    wide.append(table);
    results.replaceChildren(total ? wide : hint());
    if (total > PAGE) results.append(pager(total));
    if (more) results.append(more);
  }
  function hint() {
    const node = make("p", "nothing", words.search_nothing + " " + words.search_hint);
    return node;
  }
  function pager(total) {
    const nav = make("nav", "pager");
    nav.setAttribute("aria-label", words.result_pages);
    const step = function (by, text) {
      const button = make("button", "", text);
      button.type = "button";
      button.disabled = state.page + by < 1 || state.page + by > pages(total);
      button.addEventListener("click", function () {
        state.page += by;
        run();
        said.scrollIntoView({ block: "nearest" });
        const again = results.querySelectorAll(".pager button")[by < 0 ? 0 : 1];
        if (again) again.focus();
      });
      return button;
    };
    nav.append(step(-1, words.page_before), make("span", "", fill(words.page_of, { n: state.page, of: pages(total) })), step(1, words.page_after));
    return nav;
  }
  function heads(columns) {
    const head = make("thead");
    const row = head.insertRow();
    for (const column of columns) {
      const cell = make("th", column[2] || "");
      cell.scope = "col";
      if (!column[0]) { cell.textContent = column[1]; row.append(cell); continue; }
      const on = state.sort === column[0];
      if (on) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      const button = make("button", "sort", column[1]);
      button.type = "button";
      button.dataset.sort = column[0];
      cell.append(button);
      row.append(cell);
    }
    return head;
  }
  /* Numbers come largest first, names in their order; a third press gives the list its own order back. */
  function sortBy(name) {
    const down = !["org", "rule"].includes(name);
    if (state.sort !== name) { state.sort = name; state.down = down; }
    else if (state.down === down) state.down = !down;
    else { state.sort = ""; state.down = false; }
    state.page = 1;
    run();
    const again = document.querySelector('.results button[data-sort="' + name + '"], #list button[data-sort="' + name + '"]');
    if (again) again.focus();
  }

  function showFilings(made) {
    const found = index.findFilings(made);
    said.textContent = singular(fill(words.found_filings, { n: grouped(found.length) }));
    const columns = [["org", words.organisation, "org"], ["year", words.year], ["", words.scope], ["", words.region]];
    for (const name of ["bad", "explain", "none", "ok", "near"]) columns.push([name, words[name], "num"]);
    columns.push(["missing", words.missing_forms]);
    show_(found.length, heads(columns), function (from, to) {
      return found.slice(from, to).map(function (at) { return filingRow(index.filings[at]); });
    });
  }
  function filingRow(filing) {
    const row = make("tr");
    const org = make("th", "org");
    org.scope = "row";
    org.append(make("span", "dot " + filing.standing), link(told.home + "filings/" + filing.file + ".html", filing.org || words.unknown_org));
    row.append(org, make("td", "fixed", filing.year || "—"), make("td", "fixed", scopeOf(filing)), make("td", "", [filing.region, words["level_" + filing.level]].filter(Boolean).join(" · ")));
    const counts = { bad: 0, explain: 1, ok: 2, near: 3, none: 4 };
    for (const name of ["bad", "explain", "none", "ok", "near"]) {
      const number = filing.counts[counts[name]];
      row.append(named("num" + (number && counts[name] < 2 ? " n-" + name : ""), words[name], number ? grouped(number) : ""));
    }
    row.append(named("", words.missing_forms, filing.missing));
    return row;
  }
  function scopeOf(filing) { return filing.kind === "final_accounts" ? words["scope_" + filing.scope] || filing.scope : words["kind_" + filing.kind] || filing.kind; }

  function showFindings(made) {
    const kind = kindOf(made);
    if (!index.loading[kind]) index.loadRows(kind, arrived).then(function () { ahead(kind); }, failure);
    const rows = index.rows[kind];
    const found = index.findRows(kind, made);
    const waits = rows.loaded < rows.parts.length;
    said.textContent = singular(fill(words.found_findings, { n: grouped(found.rows.length), filings: grouped(found.filings) }))
      + (waits ? " · " + fill(words.search_parts, { n: rows.loaded, of: rows.parts.length }) : "");
    const columns = [["", words.severity], ["org", words.organisation, "org"], ["", words.what]];
    if (kind === "broken") columns.push(["", words.printed, "num"], ["", words.computed, "num"], ["size", words.difference, "num"]);
    columns.push(["", words.where], ["rule", words.rule]);
    if (waits && !found.rows.length) { results.replaceChildren(); return; }
    show_(found.rows.length, heads(columns), function (from, to) {
      return found.rows.slice(from, to).map(function (at) { return findingRow(kind, at, made); });
    });
  }
  function named(classes, name, text) {
    const cell = make("td", classes, text);
    if (text) cell.dataset.name = name;
    return cell;
  }
  function address(finding) { return told.home + "filings/" + finding.filing.file + ".html" + (finding.id ? "#finding-" + finding.id : ""); }
  function findingRow(kind, at, made) {
    const finding = index.finding(kind, at);
    const row = make("tr", finding.back && !made.sort ? "follows" : "");
    const standing = kind === "broken" ? finding.rule.standing : "none";
    const tag = make("td");
    tag.append(make("span", "tag " + standing, kind === "broken" ? finding.rule.words[lang] : words.none));
    if (finding.waived) tag.append(" ", make("span", "tag waived-tag", words.waived));
    const org = make("th", "org", (finding.filing.org || words.unknown_org) + (finding.filing.year ? " " + finding.filing.year : ""));
    org.scope = "row";
    const what = make("td");
    const title = finding.rule.titles[lang];
    what.append(link(address(finding), finding.about || title));
    const small = make("span", "small", [finding.about ? title : "", finding.reason ? finding.reason[lang] : ""].filter(Boolean).join(words.colon));
    const root = finding.root >= 0 ? index.finding(kind, finding.root) : null;
    if (root && root.id) small.append(" · ", link(address(root), words.follows + " " + root.id.slice(0, 8)));
    if (small.childNodes.length) what.append(make("br"), small);
    row.append(tag, org, what);
    if (kind === "broken") row.append(named("num", words.printed, grouped(finding.stated)), named("num", words.computed, grouped(finding.computed)),
      named("num n-" + standing, words.difference, finding.difference ? grouped(finding.difference) + (finding.unit === "%" ? "%" : finding.unit && finding.unit !== "分" ? " " + finding.unit : "") : ""));
    row.append(make("td", "fixed", finding.page ? fill(words[finding.filing.where], { n: finding.page }) : ""));
    const rule = make("td");
    if (finding.rule.file) rule.append(link(told.home + "rules/" + finding.rule.file + ".html", finding.rule.id));
    row.append(rule);
    return row;
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); state.page = 1; run(); });
  form.addEventListener("input", function () { state.page = 1; run(); });
  form.addEventListener("focusin", function () { if (!opened && !failed) index.open().then(function () { opened = true; suggest(); }, failure); }, { once: true });
  document.getElementById("clear").addEventListener("click", function () { form.reset(); state.sort = ""; state.page = 1; run(); form.elements.q.focus(); });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-sort]");
    if (button) sortBy(button.dataset.sort);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); form.elements.q.focus(); }
  });
  window.addEventListener("hashchange", function () { read(); run(); });
  /* The list's own heads become buttons that order the whole, not only the page that is shown. */
  for (const cell of list.querySelectorAll("th[data-sort]")) {
    const button = make("button", "sort", cell.textContent);
    button.type = "button";
    button.dataset.sort = cell.dataset.sort;
    cell.replaceChildren(button);
  }
  read();
  run();
})();
