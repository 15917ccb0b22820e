"use strict";
/* Without this script every page still reads in full: figures lead to the findings below, which carry their arithmetic. */
(function () {
  const said = document.getElementById("said");
  const panel = document.getElementById("panel");
  let cameFrom = null;

  function make(tag, classes, text) {
    const node = document.createElement(tag);
    if (classes) node.className = classes;
    if (text !== undefined && text !== "") node.textContent = text;
    return node;
  }
  function link(href, text) {
    const node = make("a", "", text);
    node.setAttribute("href", href);
    return node;
  }

  const index = document.querySelector(".index details");
  if (index && window.matchMedia("(max-width: 700px)").matches) index.open = false;

  if (!said || !panel || !window.evidence) return;
  const FIGURES = "a.fig, mark a";
  const data = unpacked(window.evidence, JSON.parse(said.textContent), document.documentElement.lang.slice(0, 2));
  const words = data.words;
  const key = function (node) { return node.id || node.dataset.figure; };
  for (const node of document.querySelectorAll(FIGURES)) {
    /* The pages leave out an address that leads nowhere without this script. */
    if (!node.hasAttribute("href") && data.figures[key(node)]) node.setAttribute("href", "#" + key(node));
  }
  const empty = panel.cloneNode(true);

  /* ---- the evidence of one verdict ---- */
  function arithmetic(verdict) {
    const table = make("table", "sum");
    table.append(make("caption", "vh", words.arithmetic));
    const head = table.createTHead().insertRow();
    for (const name of ["sign", "item", "printed", "least", "most"]) {
      const cell = make("th");
      cell.scope = "col";
      cell.append(make("span", name === "sign" ? "vh" : "", words[name]));
      head.append(cell);
    }
    const body = table.createTBody();
    for (const step of verdict.steps) {
      const row = body.insertRow();
      row.className = step[0];
      row.append(make("td", "", step[1]));
      const item = make("td");
      const name = step[2] || words[step[0]] || "";
      if (step[6] && data.figures[step[6]]) item.append(link("#" + step[6], name));
      else item.textContent = name;
      row.append(item, make("td", "", step[3]), make("td", "", step[4]), make("td", "", step[5]));
    }
    return table;
  }
  function verdictCard(verdict, close) {
    const rule = data.rules[verdict.rule];
    const card = make("div", "card " + verdict.standing);
    if (close) card.append(close);
    card.append(make("span", "tag " + verdict.standing, verdict.word));
    card.append(make("h2", "", rule.title));
    const formula = make("p", "formula", rule.check);
    card.append(formula);
    if (verdict.follows) {
      const tied = make("p", "tied");
      tied.append(link(verdict.follows[1], verdict.follows[0]));
      card.append(tied);
    }
    if (verdict.also && verdict.also.length) {
      const tied = make("p", "tied", words.follow_from_it);
      verdict.also.forEach(function (other, i) { tied.append(i ? " · " : "", link(other[1], other[0])); });
      card.append(tied);
    }
    if (verdict.reason) card.append(make("p", "quiet", verdict.reason));
    if (verdict.steps.length) card.append(arithmetic(verdict));
    if (verdict.gap) {
      const gap = make("div", "gap");
      gap.textContent = verdict.gap;
      card.append(gap);
    }
    const more = make("ul", "more");
    const add = function (node) { const item = make("li"); item.append(node); more.append(item); };
    if (verdict.where) more.append(make("li", "", verdict.where));
    add(link(rule.href, verdict.rule + " · " + words.rule_page));
    const copy = make("button", "copy", words.copy_link);
    copy.type = "button";
    copy.addEventListener("click", function () {
      const address = location.href.split("#")[0] + "#" + (verdict.id || location.hash.slice(1));
      const done = function () { copy.textContent = words.copied; };
      if (navigator.clipboard) navigator.clipboard.writeText(address).then(done, function () {});
    });
    add(copy);
    card.append(more);
    return card;
  }
  function closer() {
    const button = make("button", "close", words.close);
    button.type = "button";
    button.addEventListener("click", closePanel);
    return button;
  }

  /* ---- the panel ---- */
  function show(title, where, indexes, chosen) {
    panel.replaceChildren();
    const about = make("div", "card");
    about.append(closer(), make("h2", "", title));
    if (where) about.append(make("p", "of", where));
    panel.append(about);
    if (!indexes.length) {
      about.append(make("p", "of", words.touching_none));
    } else {
      panel.append(verdictCard(data.verdicts[chosen]));
    }
    if (indexes.length > 1) {
      const card = make("div", "card");
      card.append(make("h2", "", words.also));
      const list = make("ul", "others");
      for (const i of indexes) {
        if (i === chosen) continue;
        const verdict = data.verdicts[i];
        const item = make("li");
        const button = make("button", "", "");
        button.type = "button";
        button.append(make("span", "dot " + verdict.standing), data.rules[verdict.rule].title, make("span", "small", " " + verdict.rule + " · " + verdict.word));
        button.addEventListener("click", function () { show(title, where, indexes, i); panel.focus(); });
        item.append(button);
        list.append(item);
      }
      card.append(list);
      panel.append(card);
    }
    panel.classList.add("open");
    panel.scrollTop = 0;
  }
  function unmark() {
    for (const node of document.querySelectorAll(".fig.on, mark a.on")) node.classList.remove("on");
  }
  function openFigure(node, focus) {
    const figure = data.figures[key(node)];
    if (!figure) return;
    unmark();
    node.classList.add("on");
    cameFrom = node;
    show(figure.name, figure.where, figure.verdicts, figure.verdicts[0]);
    if (focus) panel.focus();
  }
  function closePanel() {
    unmark();
    panel.replaceChildren.apply(panel, Array.from(empty.cloneNode(true).childNodes));
    panel.classList.remove("open");
    if (cameFrom) cameFrom.focus();
    cameFrom = null;
  }
  document.addEventListener("click", function (event) {
    const node = event.target.closest(FIGURES);
    if (!node || !data.figures[key(node)] || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", "#" + key(node));
    openFigure(node, event.detail === 0);
  });

  /* ---- keyboard: arrows walk the figures of a table ---- */
  function neighbour(node, key) {
    const cell = node.closest("td");
    const row = cell.parentElement;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const links = Array.from(row.querySelectorAll("a.fig"));
      return links[links.indexOf(node) + (key === "ArrowRight" ? 1 : -1)];
    }
    const step = key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    for (let other = row[step]; other; other = other[step]) {
      const found = other.cells[cell.cellIndex] && other.cells[cell.cellIndex].querySelector("a.fig");
      if (found) return found;
    }
    return null;
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && panel.classList.contains("open")) { closePanel(); return; }
    const node = event.target.closest && event.target.closest("td a.fig");
    if (!node || !event.key.startsWith("Arrow")) return;
    const next = neighbour(node, event.key);
    if (next) { event.preventDefault(); next.focus(); }
  });

  /* ---- deep links ---- */
  function follow() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch (error) { return; }
    const node = id && document.getElementById(id);
    if (!node) return;
    if (data.figures[id]) { node.scrollIntoView({ block: "center" }); openFigure(node, false); }
    const details = node.closest("details");
    if (details) { details.open = true; node.scrollIntoView({ block: "center" }); }
    for (const other of document.querySelectorAll(".finding.on")) other.classList.remove("on");
    if (node.classList.contains("finding")) node.classList.add("on");
    const i = data.verdicts.findIndex(function (verdict) { return verdict.id === id; });
    if (i >= 0) {
      const verdict = data.verdicts[i];
      unmark();
      show(words.finding_id + " " + verdict.number, verdict.where, [i], i);
    }
  }
  window.addEventListener("hashchange", follow);
  follow();
})();
