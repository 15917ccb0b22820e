"use strict";
/* Searching the index (pages/search.py) without a server: parts are scripts, loaded when they are needed; texts that recur are
   looked at once for each word, rows only compare numbers. Nothing here touches the page but the script elements. */
(function () {
  const waiting = new Map();
  const AT_ONCE = 4;
  const STANDINGS = ["bad", "explain", "ok", "near", "none"];

  window.hedui = function (name, number, columns) {
    const take = waiting.get(name + "-" + number);
    if (take) take(columns);
  };

  function fold(text) { return text.normalize("NFKC").toLowerCase(); }
  function wordsOf(text) { return fold(text).split(/\s+/).filter(Boolean); }
  function isNumber(word) { return /^[+-]?[\d,]*\.?\d+%?$/.test(word); }

  function contains(texts, word) {
    const hits = new Uint8Array(texts.length);
    for (let i = 0; i < texts.length; i++) hits[i] = texts[i].includes(word) ? 1 : 0;
    return hits;
  }

  function Index(folder) {
    this.folder = folder;
    this.filings = null;
    this.rows = { broken: null, unverified: null };
    this.opening = null;
    this.loading = {};
  }

  Index.prototype.load = function (name, number) {
    const folder = this.folder;
    const file = name === "index" ? "index.js" : name + "-" + number + ".js";
    return new Promise(function (resolve, reject) {
      const script = document.createElement("script");
      waiting.set(name + "-" + number, function (columns) { waiting.delete(name + "-" + number); script.remove(); resolve(columns); });
      script.addEventListener("error", function () { reject(new Error(file)); });
      script.src = folder + file;
      document.head.append(script);
    });
  };

  /* Rules and filings: small, and needed by everything else. */
  Index.prototype.open = function () {
    const index = this;
    if (!this.opening) this.opening = this.load("index", 0).then(async function (told) {
      index.sizes = told.sizes;
      index.families = told.families;
      index.units = told.units.map(function (unit) { return { name: unit[0], factor: Number(unit[1]) }; });
      index.rules = told.rules.map(function (rule) {
        return { id: rule[0], file: rule[1], titles: rule[2], family: rule[3], severity: rule[4], standing: rule[5], words: rule[6],
          text: fold([rule[0], rule[2][0], rule[2][1]].concat(told.families[rule[3]] || []).join(" ")) };
      });
      index.rules.push({ id: "", file: "", titles: ["", ""], family: "", severity: "critical", standing: "bad", words: ["", ""], text: "" });
      const parts = await Promise.all(told.sizes.filings.map(function (size, number) { return index.load("filings", number); }));
      index.filings = [];
      for (const part of parts) index.takeFilings(part);
      index.texts = { filings: index.filings.map(function (filing) { return filing.text; }), rules: index.rules.map(function (rule) { return rule.text; }) };
    });
    return this.opening;
  };
  Index.prototype.takeFilings = function (part) {
    part.org.forEach(function (org, i) {
      const filing = { org: org, year: part.year[i], file: part.file[i], missing: part.missing[i], counts: part.counts.slice(i * 5, i * 5 + 5) };
      for (const name of ["scope", "kind", "region", "level", "where", "standing"]) filing[name] = part[name + "s"][part[name][i]];
      filing.place = fold(filing.region);
      filing.text = fold(org + " " + (filing.year || "") + " " + filing.region);
      this.filings.push(filing);
    }, this);
  };

  /* The findings of one kind (broken, unverified), some parts at once; `progress` after each part, gravest parts first. */
  Index.prototype.loadRows = function (kind, progress) {
    const index = this;
    if (this.loading[kind]) return this.loading[kind];
    const sizes = this.sizes[kind];
    const starts = [];
    let total = 0;
    for (const size of sizes) { starts.push(total); total += size; }
    const rows = this.rows[kind] = { total: total, starts: starts, parts: new Array(sizes.length), loaded: 0, orders: {} };
    let next = 0;
    const worker = async function () {
      while (next < sizes.length) {
        const number = next++;
        const part = await index.load(kind, number);
        part.start = starts[number];
        part.texts = part.abouts.map(fold);
        if (part.reasons) part.reasonTexts = part.reasons.map(function (pair) { return fold(pair.join(" ")); });
        for (let i = 0; i < part.rule.length; i++) if (part.rule[i] < 0) part.rule[i] = index.rules.length - 1;
        rows.parts[number] = part;
        rows.loaded += 1;
        progress(rows.loaded, sizes.length);
      }
    };
    this.loading[kind] = Promise.all(Array.from({ length: AT_ONCE }, worker));
    return this.loading[kind];
  };

  /* `query.region` is folded already. */
  function fitsFiling(filing, query) {
    return (!query.year || String(filing.year) === query.year) && (!query.level || filing.level === query.level)
      && (!query.kind || filing.kind === query.kind) && (!query.region || filing.place.startsWith(query.region));
  }

  Index.prototype.findFilings = function (query) {
    query = Object.assign({}, query, { region: fold(query.region || "") });
    const words = wordsOf(query.q || "");
    const found = [];
    this.filings.forEach(function (filing, i) {
      if (!fitsFiling(filing, query)) return;
      if (query.status && !filing.counts[STANDINGS.indexOf(query.status)]) return;
      if (words.every(function (word) { return filing.text.includes(word); })) found.push(i);
    });
    const key = { org: null, year: function (f) { return f.year; }, missing: function (f) { return f.missing.length; } }[query.sort];
    const count = STANDINGS.indexOf(query.sort);
    const value = count >= 0 ? function (f) { return f.counts[count]; } : key || null;
    const filings = this.filings;
    if (value) found.sort(function (a, b) { return value(filings[a]) - value(filings[b]) || a - b; });
    else if (!query.sort) found.sort(function (a, b) { return filings[b].counts[0] - filings[a].counts[0] || filings[b].counts[1] - filings[a].counts[1] || a - b; });
    return query.down ? found.reverse() : found;
  };

  /* The places of the findings that fit, in their order or in the one asked for, and how many filings they are in. */
  Index.prototype.findRows = function (kind, query) {
    query = Object.assign({}, query, { region: fold(query.region || "") });
    const rows = this.rows[kind];
    const words = wordsOf(query.q || "");
    const filingFits = Uint8Array.from(this.filings, function (filing) { return fitsFiling(filing, query) ? 1 : 0; });
    const ruleFits = Uint8Array.from(this.rules, function (rule) {
      return (!query.family || rule.family === query.family) && (!query.severity || rule.severity === query.severity)
        && (!query.rule || rule.id === query.rule) && (kind === "unverified" || !query.status || rule.standing === query.status) ? 1 : 0;
    });
    const texts = this.texts;
    const asked = words.map(function (word) {
      return { word: word, filing: contains(texts.filings, word), rule: contains(texts.rules, word), number: isNumber(word) ? word.replace(/[,%+-]/g, "") : "" };
    });
    const hits = new Uint8Array(rows.total);
    for (const part of rows.parts) if (part) this.markPart(part, query, asked, filingFits, ruleFits, hits);
    const found = [];
    const seen = new Uint8Array(this.filings.length);
    const order = query.sort ? this.order(rows, query.sort) : null;
    for (let n = 0; n < rows.total; n++) {
      const at = order ? order[query.down ? rows.total - 1 - n : n] : n;
      if (hits[at]) found.push(at);
    }
    let filings = 0;
    for (const part of rows.parts) {
      if (!part) continue;
      for (let i = 0; i < part.filing.length; i++) if (hits[part.start + i] && !seen[part.filing[i]]) { seen[part.filing[i]] = 1; filings += 1; }
    }
    return { rows: found, filings: filings };
  };
  Index.prototype.markPart = function (part, query, asked, filingFits, ruleFits, hits) {
    const least = query.min ? Number(query.min) : 0;
    const most = query.max ? Number(query.max) : Infinity;
    const sizes = query.min || query.max ? this.sizesOf(part) : null;
    const here = asked.map(function (one) {
      return { filing: one.filing, rule: one.rule, number: part.numbers ? one.number : "", about: contains(part.texts, one.word),
        reason: part.reasonTexts ? contains(part.reasonTexts, one.word) : null };
    });
    rows: for (let i = 0; i < part.filing.length; i++) {
      if (!filingFits[part.filing[i]] || !ruleFits[part.rule[i]] || (query.causes && part.back[i])
        || (query.new && part.new[i] === "0") || (query.open && part.waived[i] === "1")) continue;
      if (sizes && !(sizes[i] >= least && sizes[i] <= most)) continue;
      for (const one of here) {
        if (one.filing[part.filing[i]] || one.rule[part.rule[i]] || one.about[part.about[i]] || (one.reason && one.reason[part.reason[i]])
          || (one.number && part.numbers[i].includes(one.number))) continue;
        continue rows;
      }
      hits[part.start + i] = 1;
    }
  };

  /* The sizes of a part's differences in 万元, NaN where it is no amount; read once. For choosing and ordering only. */
  Index.prototype.sizesOf = function (part) {
    if (part.sizes) return part.sizes;
    part.sizes = new Float64Array(part.filing.length).fill(NaN);
    for (let i = 0; part.numbers && i < part.filing.length; i++) {
      const factor = this.units[part.unit[i]].factor;
      const text = part.numbers[i].slice(part.numbers[i].lastIndexOf("|") + 1);
      if (factor && text) part.sizes[i] = Number(text) * factor;
    }
    return part.sizes;
  };
  /* All places sorted by one key, kept until further parts arrive. */
  Index.prototype.order = function (rows, sort) {
    const kept = rows.orders[sort];
    if (kept && kept.loaded === rows.loaded) return kept.places;
    const keys = new Float64Array(rows.total);
    for (const part of rows.parts) {
      if (!part) continue;
      for (let i = 0; i < part.filing.length; i++) {
        const at = part.start + i;
        if (sort === "size") keys[at] = this.sizesOf(part)[i] || 0;
        else if (sort === "rule") keys[at] = part.rule[i];
        else if (sort === "year") keys[at] = this.filings[part.filing[i]].year;
        else keys[at] = part.filing[i];
      }
    }
    /* Numbers alone are sorted many times as fast as by comparing places; equal ones keep their order. */
    const sorted = keys.slice().sort();
    const taken = new Uint32Array(rows.total);
    const places = new Uint32Array(rows.total);
    for (let at = 0; at < rows.total; at++) {
      let low = 0;
      let high = rows.total;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] < keys[at]) low = middle + 1;
        else high = middle;
      }
      places[low + taken[low]++] = at;
    }
    rows.orders[sort] = { loaded: rows.loaded, places: places };
    return places;
  };

  /* Everything that is shown of the finding at a place; null where its part is not there yet. */
  Index.prototype.finding = function (kind, at) {
    const rows = this.rows[kind];
    let number = rows.starts.length - 1;
    while (number > 0 && rows.starts[number] > at) number -= 1;
    const part = rows.parts[number];
    if (!part) return null;
    const i = at - part.start;
    const numbers = part.numbers ? part.numbers[i].split("|") : ["", "", ""];
    return { filing: this.filings[part.filing[i]], rule: this.rules[part.rule[i]], about: part.abouts[part.about[i]], page: part.page[i],
      stated: numbers[0] || "", computed: numbers[1] || "", difference: numbers[2] || "", unit: part.unit ? this.units[part.unit[i]].name : "",
      reason: part.reasons ? part.reasons[part.reason[i]] : null, back: part.back[i], root: part.back[i] > 0 ? at - part.back[i] : -1,
      waived: part.waived[i] === "1", id: unpack(part.id.slice(i * 22, i * 22 + 22)) };
  };
  function unpack(text) {
    if (!text.trim()) return "";
    return Array.from(atob(text), function (c) { return c.charCodeAt(0).toString(16).padStart(2, "0"); }).join("");
  }

  window.HeduiIndex = Index;
})();
