"use strict";
/* Tables ordered by their heads, the catalogue of rules narrowed by words and choices, buttons that copy. Without this script
   every list is whole. */
(function () {
  /* ---- order ---- */
  function value(row, column) {
    const cell = row.cells[column];
    const text = cell ? cell.textContent.trim() : "";
    if (!cell || !cell.classList.contains("num")) return text;
    const number = parseFloat(text.replace(/,/g, ""));
    return Number.isNaN(number) ? -1 : number;
  }
  function sortable(table) {
    const bodies = Array.from(table.tBodies);
    const order = bodies.map(function (body) { return Array.from(body.rows); });
    const heads = Array.from(table.tHead.rows[0].cells);
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    heads.forEach(function (head, column) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        const first = head.classList.contains("num") ? "descending" : "ascending";
        const now = head.getAttribute("aria-sort");
        const next = !now ? first : now === first ? (first === "ascending" ? "descending" : "ascending") : "";
        for (const other of heads) other.removeAttribute("aria-sort");
        table.classList.toggle("sorted", Boolean(next));
        if (!next) { bodies.forEach(function (body, i) { body.append.apply(body, order[i]); }); return; }
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        const rows = order.flat().filter(function (row) { return !row.classList.contains("topic"); });
        const keyed = rows.map(function (row, at) { return [value(row, column), at, row]; });
        keyed.sort(function (a, b) {
          const apart = typeof a[0] === "number" ? a[0] - b[0] : collator.compare(a[0], b[0]);
          return sign * apart || a[1] - b[1];
        });
        bodies[0].append.apply(bodies[0], keyed.map(function (one) { return one[2]; }));
      });
    });
  }
  for (const table of document.querySelectorAll("table.sortable")) sortable(table);

  /* ---- on a narrow screen the conditions open when they are asked for, or used ---- */
  for (const button of document.querySelectorAll(".more-asking")) {
    const used = /[?&](?!q=|sort=|down=|page=)\w+=/.test(location.hash);
    const open = function (wide) { button.form.classList.toggle("open", wide); button.setAttribute("aria-expanded", String(wide)); };
    button.addEventListener("click", function () { open(!button.form.classList.contains("open")); });
    open(used);
  }

  /* ---- words and choices: the catalogue, the register; the query stands in the address ---- */
  function fold(text) { return text.normalize("NFKC").toLowerCase(); }
  function choosing(form) {
    const rows = Array.from(document.querySelectorAll("table.sortable tbody tr:not(.topic)"));
    const topics = Array.from(document.querySelectorAll("table.sortable tr.topic"));
    const below = topics.map(function (topic) { return Array.from(topic.parentElement.rows).slice(1); });
    const texts = rows.map(function (row) { return fold(row.textContent); });
    const fields = Array.from(form.elements).filter(function (field) { return field.name; });
    const said = document.getElementById("found");
    const clear = document.getElementById("clear");
    const read = function () {
      const asked = new URLSearchParams(location.hash.startsWith("#/?") ? location.hash.slice(3) : location.search);
      for (const field of fields) field.value = asked.get(field.name) || "";
    };
    const apply = function () {
      const parameters = new URLSearchParams();
      for (const field of fields) if (field.value.trim()) parameters.set(field.name, field.value.trim());
      const asked = parameters.toString();
      history.replaceState(null, "", location.href.split(/[?#]/)[0] + (asked ? "#/?" + asked : ""));
      const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach(function (row, i) {
        const fits = words.every(function (word) { return texts[i].includes(word); })
          && fields.every(function (field) { return field.name === "q" || !field.value || (row.dataset[field.name] || "").split(" ").includes(field.value); });
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      topics.forEach(function (topic, i) { topic.hidden = below[i].every(function (row) { return row.hidden; }); });
      said.textContent = asked ? said.dataset.said.replace("{n}", shown).replace("{of}", rows.length) : "";
      clear.hidden = !asked;
      document.getElementById("nothing").hidden = shown > 0;
    };
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("input", apply);
    clear.addEventListener("click", function () { form.reset(); apply(); form.elements.q.focus(); });
    window.addEventListener("hashchange", function () { read(); apply(); });
    read();
    apply();
  }
  /* ---- copies of a finding: its address, its arithmetic as text ---- */
  function toClipboard(text, button, done) {
    const said = button.textContent;
    const tell = function () { button.textContent = done; setTimeout(function () { button.textContent = said; }, 2000); };
    const aside = function () {
      /* Without a secure address there is no clipboard but the selection's. */
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const copied = document.execCommand("copy");
      area.remove();
      button.focus();
      if (copied) tell();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(tell, aside);
    else aside();
  }
  function arithmetic(finding) {
    const line = function (row) { return Array.from(row.cells, function (cell) { return cell.textContent.trim(); }).join("\t"); };
    const rows = Array.from(finding.querySelectorAll("table.sum tr"), line);
    const formula = finding.querySelector(".formula");
    return [finding.querySelector("h3").textContent.trim(), formula ? formula.textContent.trim() : ""].concat(rows).filter(Boolean).join("\n") + "\n";
  }
  function copies(section) {
    const words = section.dataset;
    for (const finding of section.querySelectorAll(".finding")) {
      const add = function (word, text) {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "copy";
        button.textContent = word;
        button.addEventListener("click", function () { toClipboard(text(), button, words.copied); });
        item.append(button);
        finding.querySelector(".more").append(item);
      };
      add(words.copyLink, function () { return location.href.split("#")[0] + "#" + finding.id; });
      add(words.copySum, function () { return arithmetic(finding); });
    }
  }
  const findings = document.querySelector("[data-copy-link]");
  if (findings) copies(findings);

  const form = document.getElementById("choosing");
  if (form) choosing(form);
})();
