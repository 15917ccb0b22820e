"use strict";
/* Unpacks what flows/publish/pages/panel.py packed: `unpacked(evidence, rules, words, lang)` gives words, rules, verdicts and figures by anchor. */
function unpacked(packed, book, words, lang) {
  const STANDINGS = ["ok", "near", "bad", "explain", "none"];
  const GRAVEST = ["bad", "explain", "near", "ok", "none"];
  const SPOKEN = lang === "zh" ? 0 : 1;
  function text(number) {
    const said = packed.texts[number || 0] || "";
    return typeof said === "string" ? said : said[SPOKEN];
  }
  function filled(words, parts) {
    return words.replace(/\{(\w+)\}/g, function (open, name) { return name in parts ? parts[name] : open; });
  }

  /* ---- numbers: whole ones only, no rounding anywhere ---- */
  function separated(shown) {
    return /^-?\d+(\.\d+)?$/.test(shown) ? shown.replace(/^-?\d+/, function (whole) { return whole.replace(/\B(?=(\d{3})+$)/g, ","); }) : shown;
  }
  function scaled(shown, places) {
    const parts = shown.replace(/,/g, "").split(".");
    return BigInt(parts[0].replace("-", "") + (parts[1] || "").padEnd(places, "0")) * (shown[0] === "-" ? -1n : 1n);
  }
  function decimals(shown) { return (shown.split(".")[1] || "").length; }
  function written(value, places, shortest) {
    const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
    let part = places ? "." + digits.slice(-places) : "";
    if (shortest) part = part.replace(/\.?0+$/, "");
    return (value < 0n ? "-" : "") + separated(places ? digits.slice(0, -places) : digits) + part;
  }
  /* Least and most of what is printed: half a unit of its last place, or ±x, apart. */
  function edges(how, shown, own) {
    if (how === "own") return [own[2], own[3]];
    const number = (/^-?\d[\d,]*(\.\d+)?/.exec(shown) || [""])[0];
    if (!how || !number) return ["", ""];
    if (how === "same") return [number, number];
    const places = how === "half" ? decimals(number) + 1 : Math.max(decimals(number), decimals(how));
    const value = scaled(number, places), by = how === "half" ? 5n : scaled(how.slice(1), places);
    return [written(value - by, places, how !== "half"), written(value + by, places, how !== "half")];
  }

  /* The place in the source: its address, and the box on its page where there is a picture of that. */
  const source = packed.source;
  function placed(place, anchor) {
    if (!place.length) return null;
    const page = place[1];
    const picture = source.pages[page];
    return {
      href: "../sources/" + source.name + (page ? "-" + page : "") + ".html" + (place[0] ? "#at-" + anchor : ""),
      page: page,
      box: picture && place.length > 2 ? place.slice(2) : null,
      picture: picture && { file: (lang === "zh" ? "../" : "../../") + "sources/" + source.name + "-" + page + "." + picture[0], width: picture[1], height: picture[2] },
    };
  }

  /* ---- steps: [role, sign, label, printed, least, most, anchor of the figure] ---- */
  function position(own) { return typeof own === "number" ? own : Array.isArray(own) ? own[0] : 0; }
  function stepped(kinds, owns) {
    let stated = "";
    const made = kinds.map(function (number, at) {
      const kind = packed.kinds[number], own = owns[at], figure = packed.figures[position(own) - 1] || [];
      const label = kind[2] || 0;
      const number_ = typeof own === "string" ? own : Array.isArray(own) ? own[1] : separated(figure[3] || "");
      const step = [kind[0], kind[1] || "", label < 0 ? text(figure[-label]) : text(label), number_ + (kind[4] || "")];
      if (step[0] === "stated") stated = step[3];
      return step.concat([[kind[3] || "", own]], figure[0] || "");
    });
    return made.map(function (step) {
      const shown = step[4][1] === 0 ? stated : step[3];
      return step.slice(0, 3).concat(shown, edges(step[4][0], shown, step[4][1]), step[5]);
    });
  }

  const rules = {};
  for (const id of packed.rules) {
    const rule = book[id] || [[id, id], ["", ""], "", ""];
    rules[id] = { title: rule[0][SPOKEN], word: rule[1][SPOKEN], check: rule[2], href: rule[3] ? "../rules/" + rule[3] + ".html" : "" };
  }
  const verdicts = [];
  const touching = packed.figures.map(function () { return []; });
  function add(rule, standing, kinds, owns, more) {
    const id = packed.rules[rule], name = STANDINGS[standing];
    const graver = name === "bad" || name === "explain";
    let steps = null;
    const verdict = {
      rule: id, standing: name, word: (graver && rules[id].word) || words[name],
      get steps() { return steps || (steps = stepped(kinds, owns)); },
      where: "", reason: "", number: 0, supposed: null, id: "", root: 0, gap: [], also: [], waived: null,
    };
    const seen = {};
    kinds.forEach(function (kind, at) {
      const figure = position(owns[at]), stated = packed.kinds[kind][0] === "stated";
      if (figure) seen[figure] = seen[figure] || stated;
    });
    for (const figure in seen) touching[figure - 1].push([GRAVEST.indexOf(name), seen[figure] ? 0 : 1, verdicts.length]);
    verdicts.push(Object.defineProperties(verdict, Object.getOwnPropertyDescriptors(more)));
  }
  for (const verdict of packed.verdicts) {
    const steps = verdict[2] || [], gap = verdict[8] || [];
    const sizes = { difference: (gap[0] + " " + text(gap[3])).trim(), bound: gap[1], unexplained: gap[2] };
    const told = Object.keys(sizes).filter(function (name) { return gap.length && sizes[name]; });
    add(verdict[0], verdict[1], steps.filter(function (_, at) { return at % 2 === 0; }), steps.filter(function (_, at) { return at % 2; }), {
      where: verdict[3] ? filled(words.page, { n: verdict[3] }) : "",
      reason: text(verdict[4]),
      number: verdict[5] || 0,
      id: verdict[6] ? "finding-" + verdict[6] : "",
      root: verdict[7] || 0,
      waived: verdict[9] ? { reason: text(verdict[9][0]), by: text(verdict[9][1]), evidence: text(verdict[9][2]), href: verdict[9][3] || "" } : null,
      gap: told.map(function (name) { return [words["gap_" + (name === "difference" ? "exact" : name)], name, sizes[name]]; }),
    });
  }
  for (const verdict of verdicts) {
    const root = verdict.root && verdicts[verdict.root - 1];
    if (!root) continue;
    verdict.follows = [filled(words.follows_from, { n: root.number }), "#" + root.id];
    root.also.push([String(verdict.number), "#" + verdict.id]);
  }
  for (const [rule, standing, kinds, owns] of packed.agreements) {
    for (let at = 0; at < owns.length; at += kinds.length) add(rule, standing, kinds, owns.slice(at, at + kinds.length), {});
  }

  /* ---- what is supposed: [outcome, verdicts cleared, sets of figures, how many more] ---- */
  const suspected = {};
  for (const [outcome, clears, sets, more] of packed.cases || []) {
    const supposed = {
      outcome: ["one", "several", "none", "unfinished"][outcome || 0], more: more || 0,
      clears: (clears || []).map(function (at) { return [String(verdicts[at].number), "#" + verdicts[at].id]; }),
      sets: (sets || []).map(function (some) {
        return some.map(function (one) {
          if (one[0]) (suspected[one[0] - 1] = suspected[one[0] - 1] || []).push(clears[0]);
          return {
            anchor: one[0] ? packed.figures[one[0] - 1][0] : "", label: text(one[1]), reads: text(one[2]), span: text(one[3]), follows: Boolean(one[4]),
            why: (one[5] || []).map(text),
          };
        });
      }),
    };
    for (const at of clears || []) verdicts[at].supposed = supposed;
  }

  const figures = {};
  packed.figures.forEach(function (figure, at) {
    const name = [text(figure[1]), text(figure[2])].filter(Boolean).join(" · ") + (figure[2] ? "  " : " ");
    figures[figure[0]] = {
      anchor: figure[0],
      name: (name + (figure[3] || "") + " " + text(figure[4])).trim(),
      where: (figure[5] || []).map(function (said) { return said < 0 ? filled(words.page, { n: -said }) : text(said); }).join(" · "),
      suspected: suspected[at] || [],
      verdicts: figure[7] || touching[at].sort(function (a, b) { return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]; }).map(function (one) { return one[2]; }),
      place: placed(figure[6] || [], figure[0]),
    };
  });
  return { words: words, rules: rules, verdicts: verdicts, figures: figures };
}
