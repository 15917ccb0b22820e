"use strict";
/* Lists narrowed by words as they are typed; without this script they are whole. */
(function () {
  function filterList(input) {
    const items = Array.from(document.querySelectorAll("[data-filter]"));
    const nothing = document.getElementById("nothing");
    const apply = function () {
      const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of items) {
        const text = item.textContent.toLowerCase() + " " + item.dataset.filter.toLowerCase();
        const fits = wanted.every(function (word) { return text.includes(word); });
        item.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      for (const group of document.querySelectorAll("[data-group]")) {
        group.hidden = !group.querySelector("[data-filter]:not([hidden])");
      }
      if (nothing) nothing.hidden = shown > 0;
    };
    input.addEventListener("input", apply);
    const asked = new URLSearchParams(location.search).get("q");
    if (asked) { input.value = asked; apply(); }
  }
  const filter = document.getElementById("filter");
  if (filter) filterList(filter);
})();
