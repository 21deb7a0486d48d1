// Keys for the queues: j and k move, x chooses, Enter opens, c claims, / filters, ? shows the keys.
// Optional: nothing here does what a link, a box or a button of the page does not do. Sends nothing, keeps nothing, reads no text.
"use strict";
(() => {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const at = (key) => document.querySelector(`[data-key="${key}"]`);
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const link = (row) => row && row.querySelector("th a");
  const box = (row) => row && row.querySelector("[type=checkbox]");

  const move = (step) => {
    const from = here();
    const to = from < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(from + step, 0), rows.length - 1);
    const target = link(rows[to]);
    if (target) { target.focus(); target.scrollIntoView({ block: "nearest" }); }
  };
  const unfold = (details, inner) => {
    if (!details) return;
    details.open = true;
    const target = details.querySelector(inner);
    if (target) target.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => { const found = box(rows[here()]); if (found) found.checked = !found.checked; },
    c: () => { const button = at("c"); if (button) button.click(); },
    "/": () => unfold(at("/"), "select, input"),
    "?": () => unfold(at("?"), "summary"),
  };
  // The place of the key, so that a Cyrillic layout works too.
  const places = { KeyJ: "j", KeyK: "k", KeyX: "x", KeyC: "c" };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const types = target.matches("textarea, select, input:not([type=checkbox])");
    if (types) return;
    if (event.key === "Enter" && target.matches("[data-rows] [type=checkbox]")) {
      const found = link(target.closest("tr"));
      if (found) { event.preventDefault(); found.click(); }
      return;
    }
    const act = keys[event.key] || (!event.shiftKey && keys[places[event.code]]);
    if (act) { event.preventDefault(); act(); }
  });
})();
