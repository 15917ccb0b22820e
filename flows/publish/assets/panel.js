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
  const FIGURES = ".form td > a, mark a";
  /* Points of a page that a crop shows: legible at the width of the panel. */
  const WIDEST = 380, HIGHEST = 190, NARROWEST = 270, LOWEST = 84;
  const data = unpacked(window.evidence, window.rules || {}, JSON.parse(said.textContent), document.documentElement.lang.slice(0, 2));
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
  function verdictCard(verdict, figure) {
    const card = make("div", "card " + verdict.standing);
    card.append(make("span", "tag " + verdict.standing, verdict.word), make("h2", "", data.rules[verdict.rule].title), verdictBody(verdict));
    if (figure) card.append.apply(card, crop(figure, verdict));
    const more = make("ul", "more");
    const add = function (node) { const item = make("li"); item.append(node); more.append(item); };
    if (!figure && verdict.where) more.append(make("li", "", verdict.where));
    if (figure) for (const node of sourceLinks(figure)) add(node);
    add(ruleLink(verdict));
    add(copier(words.copy_link, function () { return location.href.split("#")[0] + "#" + (verdict.id || location.hash.slice(1)); }));
    card.append(more);
    return card;
  }
  function ruleLink(verdict) {
    const href = data.rules[verdict.rule].href;
    return href ? link(href, verdict.rule + " · " + words.rule_page) : make("span", "", verdict.rule);
  }
  /* What the rule says, what ties it to other findings, the arithmetic and the difference. */
  function verdictBody(verdict) {
    const body = make("div", verdict.standing);
    body.append(make("p", "formula", data.rules[verdict.rule].check));
    if (verdict.follows) {
      const tied = make("p", "tied");
      tied.append(link(verdict.follows[1], verdict.follows[0]));
      body.append(tied);
    }
    if (verdict.also.length) {
      const tied = make("p", "tied", words.follow_from_it);
      verdict.also.forEach(function (other, i) { tied.append(i ? " · " : "", link(other[1], other[0])); });
      body.append(tied);
    }
    if (verdict.reason) body.append(make("p", "quiet", verdict.reason));
    if (verdict.steps.length) body.append(arithmetic(verdict));
    if (verdict.gap.length) body.append(gap(verdict));
    if (verdict.supposed) body.append(supposed(verdict.supposed));
    if (verdict.waived) body.append(waived(verdict.waived));
    return body;
  }
  /* Which figure may be wrong, and how that came about: templates/supposed.html prints the same. */
  function supposed(it) {
    const told = make("div", "supposed");
    told.append(make("b", "", words.supposed));
    const alone = it.sets.length === 1 && it.sets[0].length === 1;
    if (!it.sets.length) told.append(make("p", "", it.outcome === "unfinished" ? words.supposed_unfinished : words.supposed_none));
    else if (alone) told.append(reading(make("p", "", words.supposed_one), it.sets[0][0]));
    else {
      told.append(make("p", "", it.sets.length > 1 ? words.supposed_several : words.supposed_together));
      const list = make("ol");
      for (const some of it.sets) {
        const item = make("li");
        some.forEach(function (one, i) { item.append(reading(make("div", "", i ? "+ " : ""), one)); });
        list.append(item);
      }
      told.append(list);
    }
    if (it.more) told.append(make("p", "", words.supposed_more.replace("{n}", it.more)));
    if (it.sets.length && it.outcome === "unfinished") told.append(make("p", "", words.supposed_unfinished));
    const small = make("small");
    if (it.sets.length && it.clears.length > 1) {
      small.append(words.supposed_clears);
      it.clears.forEach(function (other, i) { small.append(i ? words.list_comma : "", link(other[1], other[0])); });
      small.append(make("br"));
    }
    if (it.sets.length) small.append(words.supposed_note);
    told.append(small);
    return told;
  }
  function reading(node, one) {
    node.append(one.anchor ? link("#" + one.anchor, one.label) : one.label, " ", make("b", "", one.reads), one.follows ? words.supposed_follows : "");
    if (one.why.length) node.append(make("span", "why", one.why[0]));
    if (one.span || one.why.length > 1) {
      const small = make("small");
      if (one.why.length > 1) small.append(words.supposed_also, one.why.slice(1).join(words.semicolon));
      if (one.span) small.append(one.why.length > 1 ? make("br") : "", one.span);
      node.append(small);
    }
    return node;
  }
  /* What a person has explained of the finding, which stands all the same. */
  function waived(said) {
    const told = make("div", "waived");
    const small = make("small", "", said.by);
    if (said.evidence) small.append(" · ", said.href ? link(said.href, said.evidence) : said.evidence);
    small.append(document.createElement("br"), words.waived_still);
    told.append(make("b", "", words.waived_head), said.reason, small);
    return told;
  }
  /* The difference, what rounding explains of it and what not; numbers stand out. */
  function gap(verdict) {
    const told = make("div", "gap");
    verdict.gap.forEach(function (part, i) {
      const [before, after] = part[0].split("{" + part[1] + "}");
      told.append(i ? words.comma : "", before, make(part[1] === "bound" ? "span" : "b", "", part[2]), after || "");
    });
    return told;
  }
  function copier(name, text) {
    const button = make("button", "copy", name);
    button.type = "button";
    button.addEventListener("click", function () {
      const done = function () { button.textContent = words.copied; };
      if (navigator.clipboard) navigator.clipboard.writeText(text()).then(done, function () {});
    });
    return button;
  }

  /* ---- the place in the source ---- */
  function sourceLinks(figure) {
    const copy = copier(words.copy_place, function () { return figure.where + "\n" + figure.name; });
    return figure.place ? [link(figure.place.href, figure.place.picture ? words.whole_page : words.see_source), copy] : [copy];
  }
  const sketch = document.createElement("template");
  sketch.innerHTML = "<svg></svg>";
  function drawn(tag, attributes) {
    const node = document.createElementNS(sketch.content.firstChild.namespaceURI, tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  }
  /* The part of the page around the figure, with lighter boxes for the others of the arithmetic that stand near it. */
  function crop(figure, verdict) {
    const place = figure.place;
    if (!place || !place.box) return [];
    const others = (verdict ? verdict.steps : []).map(function (step) { return data.figures[step[6]]; }).filter(function (other) {
      return other && other !== figure && other.place && other.place.box && other.place.page === place.page && other.place.box.join() !== place.box.join();
    });
    let view = place.box.slice();
    for (const other of others) {
      const box = other.place.box;
      const both = [Math.min(view[0], box[0]), Math.min(view[1], box[1]), Math.max(view[2], box[2]), Math.max(view[3], box[3])];
      if (both[2] - both[0] <= WIDEST && both[3] - both[1] <= HIGHEST) view = both;
    }
    const width = Math.min(place.picture.width, Math.max(NARROWEST, view[2] - view[0] + 24));
    const height = Math.min(place.picture.height, Math.max(LOWEST, view[3] - view[1] + 36));
    /* More room before than behind: what a row is called stands on its left. */
    const left = Math.max(0, Math.min(place.picture.width - width, view[2] + Math.max(12, 0.2 * (width - view[2] + view[0])) - width));
    const top = Math.max(0, Math.min(place.picture.height - height, (view[1] + view[3] - height) / 2));
    const paper = drawn("svg", { class: "paper crop", viewBox: [left, top, width, height].join(" "), role: "img", "aria-label": figure.where + " " + figure.name });
    paper.append(drawn("image", { href: place.picture.file, width: place.picture.width, height: place.picture.height }));
    for (const other of others.concat(figure)) {
      const box = other.place.box;
      paper.append(drawn("rect", { class: other === figure ? "chosen" : "beside", x: box[0] - 2, y: box[1] - 2, width: box[2] - box[0] + 4, height: box[3] - box[1] + 4, rx: 1.5 }));
    }
    const around = link(place.href, "");
    around.className = "cropped";
    around.append(paper);
    return [make("h3", "", words.source_of + " · " + words.page.replace("{n}", place.page)), around];
  }
  function closer() {
    const button = make("button", "close", words.close);
    button.type = "button";
    button.addEventListener("click", closePanel);
    return button;
  }

  /* ---- the panel ---- */
  function show(title, where, indexes, figure) {
    const chosen = indexes[0];
    panel.replaceChildren();
    const about = make("div", "card");
    about.append(closer(), make("h2", "", title));
    if (where) about.append(make("p", "of", where));
    panel.append(about);
    if (!indexes.length) {
      about.append(make("p", "of", words.touching_none));
      about.append.apply(about, crop(figure, null));
      const more = make("ul", "more");
      for (const node of sourceLinks(figure)) { const item = make("li"); item.append(node); more.append(item); }
      about.append(more);
    } else {
      panel.append(verdictCard(data.verdicts[chosen], figure));
    }
    /* It may be suspected of more than the finding above, even of one in which it does not stand. */
    const told = new Set([indexes.length ? data.verdicts[chosen].supposed : null]);
    for (const i of figure ? figure.suspected : []) {
      const verdict = data.verdicts[i];
      if (told.has(verdict.supposed)) continue;
      told.add(verdict.supposed);
      const card = make("div", "card " + verdict.standing);
      card.append(make("span", "tag " + verdict.standing, verdict.word), make("h2", "", data.rules[verdict.rule].title), supposed(verdict.supposed));
      panel.append(card);
    }
    if (indexes.length > 1) {
      const card = make("div", "card");
      card.append(make("h2", "", words.also));
      const list = make("ul", "others");
      for (const i of indexes) {
        if (i === chosen) continue;
        const verdict = data.verdicts[i];
        const item = make("li");
        const details = make("details");
        const summary = make("summary");
        summary.append(make("span", "dot " + verdict.standing), data.rules[verdict.rule].title, make("span", "small", " " + verdict.rule + " · " + verdict.word));
        details.append(summary);
        /* Its arithmetic is written when it is first asked for: a figure may take part in dozens. */
        details.addEventListener("toggle", function () { if (details.childNodes.length === 1) details.append(verdictBody(verdict), ruleLink(verdict)); });
        item.append(details);
        list.append(item);
      }
      card.append(list);
      panel.append(card);
    }
    panel.classList.add("open");
    panel.scrollTop = 0;
  }
  /* The figure that a verdict judges, else the first that it uses. */
  function judged(verdict) {
    const steps = verdict.steps.filter(function (step) { return step[6] && data.figures[step[6]]; });
    const stated = steps.find(function (step) { return step[0] === "stated"; }) || steps[0];
    return stated ? data.figures[stated[6]] : null;
  }
  function unmark() {
    for (const node of document.querySelectorAll(".form a.on, mark a.on")) node.classList.remove("on");
  }
  function openFigure(node, focus) {
    const figure = data.figures[key(node)];
    if (!figure) return;
    unmark();
    node.classList.add("on");
    cameFrom = node;
    show(figure.name, figure.where, figure.verdicts, figure);
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
      const links = Array.from(row.querySelectorAll("td > a"));
      return links[links.indexOf(node) + (key === "ArrowRight" ? 1 : -1)];
    }
    const step = key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    for (let other = row[step]; other; other = other[step]) {
      const found = other.cells[cell.cellIndex] && other.cells[cell.cellIndex].querySelector("a");
      if (found) return found;
    }
    return null;
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && panel.classList.contains("open")) { closePanel(); return; }
    const node = event.target.closest && event.target.closest(".form td > a");
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
      show(words.finding_id + " " + verdict.number, verdict.where, [i], judged(verdict));
    }
  }
  window.addEventListener("hashchange", follow);
  follow();
})();
