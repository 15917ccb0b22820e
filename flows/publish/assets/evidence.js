"use strict";
/* Unpacks what flows/publish/pages/panel.py packed: `unpacked(evidence, words, lang)` gives words, rules, verdicts and figures by anchor. */
function unpacked(packed, words, lang) {
  const STANDINGS = ["ok", "near", "bad", "explain", "none"];
  function text(number) {
    const said = packed.texts[number || 0] || "";
    return typeof said === "string" ? said : said[lang === "zh" ? 0 : 1];
  }
  function filled(words, parts) {
    return words.replace(/\{(\w+)\}/g, function (open, name) { return name in parts ? parts[name] : open; });
  }

  /* Least and most of what is printed, half a unit of its last place apart: whole numbers only, no rounding anywhere. */
  function half(shown) {
    const places = (shown.split(".")[1] || "").length + 1;
    const value = BigInt(shown.replace(/[.,]/g, "") + "0");
    return [value - 5n, value + 5n].map(function (edge) {
      const digits = (edge < 0n ? -edge : edge).toString().padStart(places + 1, "0");
      const whole = digits.slice(0, -places).replace(/\B(?=(\d{3})+$)/g, ",");
      return (edge < 0n ? "-" : "") + whole + "." + digits.slice(-places);
    });
  }
  function edges(how, step) {
    if (how === "own") return [step[4] || "", step[5] || ""];
    const shown = /^-?\d[\d,]*(\.\d+)?/.exec(step[2]);
    return !how || !shown ? ["", ""] : how === "same" ? [shown[0], shown[0]] : half(shown[0]);
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

  const rules = {};
  for (const rule of packed.rules) rules[rule[0]] = { title: text(rule[1]), check: rule[2], href: rule[3] ? "../rules/" + rule[3] + ".html" : "" };
  const anchors = packed.figures.map(function (figure) { return figure[0]; });
  const verdicts = packed.verdicts.map(function (verdict) {
    const rule = packed.rules[verdict[0]];
    const standing = STANDINGS[verdict[1]];
    const gap = verdict[8] || [];
    const sizes = { difference: (gap[0] + " " + text(gap[3])).trim(), bound: gap[1], unexplained: gap[2] };
    const told = Object.keys(sizes).filter(function (name) { return gap.length && sizes[name]; });
    return {
      rule: rule[0],
      standing: standing,
      word: standing === "bad" || standing === "explain" ? text(rule[4]) : words[standing],
      steps: (verdict[2] || []).map(function (step) {
        const kind = packed.kinds[step[0] || 0];
        return [kind[0], kind[1], text(step[1]), step[2] || ""].concat(edges(kind[2], step), step[3] ? anchors[step[3] - 1] : "");
      }),
      where: verdict[3] ? filled(words.page, { n: verdict[3] }) : "",
      reason: text(verdict[4]),
      number: verdict[5] || 0,
      id: verdict[6] ? "finding-" + verdict[6] : "",
      root: verdict[7] || 0,
      gap: told.map(function (name) { return [words["gap_" + (name === "difference" ? "exact" : name)], name, sizes[name]]; }),
      also: [],
    };
  });
  for (const verdict of verdicts) {
    const root = verdict.root && verdicts[verdict.root - 1];
    if (!root) continue;
    verdict.follows = [filled(words.follows_from, { n: root.number }), "#" + root.id];
    root.also.push([String(verdict.number), "#" + verdict.id]);
  }
  const figures = {};
  for (const figure of packed.figures) {
    const name = [text(figure[1]), text(figure[2])].filter(Boolean).join(" · ") + (figure[2] ? "  " : " ");
    figures[figure[0]] = {
      anchor: figure[0],
      name: (name + (figure[3] || "") + " " + text(figure[4])).trim(),
      where: (figure[5] || []).map(text).join(" · "),
      verdicts: figure[6] || [],
      place: placed(figure[7] || [], figure[0]),
    };
  }
  return { words: words, rules: rules, verdicts: verdicts, figures: figures };
}
