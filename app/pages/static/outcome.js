// The outcome of an interview as lists, in the language of the page.

import { create, element, say } from "./page.js";

const SECTIONS = [
  "role", "processes", "trigger", "steps", "inputs", "outputs", "systems", "people", "exceptions", "volumes", "pains",
  "wishes", "user_stories", "open_points",
];

/** Draws the outcome in an element: a heading and a list for each section that has items. `references`: each item names
 *  the messages that it comes from, as links. Without steps there is no BPMN document. */
export function drawOutcome(id, outcome, language, { references = false } = {}) {
  const place = element(id);
  const named = SECTIONS.filter((section) => outcome?.[section].length);
  place.closest("section").querySelector("[data-document=bpmn]").hidden = !outcome?.steps.length;
  place.replaceChildren(
    ...named.flatMap((section) => {
      const heading = create("h3", { textContent: say(section) });
      heading.dataset.text = section; // `setLanguage` writes it again.
      return [heading, ...groupByProcess(outcome[section]).flatMap(toLists)];
    }),
  );
  if (outcome && named.length === 0) {
    const empty = create("p", { className: "muted", textContent: say("noOutcome") });
    empty.dataset.text = "noOutcome";
    place.append(empty);
  }

  function toLists([process, items]) {
    const list = create(items[0].number ? "ol" : "ul", { lang: language }, ...items.map(toItem));
    return process ? [create("h4", { textContent: process, lang: language }), list] : [list];
  }

  function toItem({ text, number, acceptance_criteria: criteria = [], messages }) {
    const item = create("li", { textContent: text });
    if (number) item.value = number;
    if (references) item.append(...messages.map(toReference));
    if (criteria.length) item.append(create("ul", {}, ...criteria.map((each) => create("li", { textContent: each }))));
    return item;
  }
}

function toReference(number) {
  const link = create("a", { href: `#message-${number}`, textContent: number, className: "reference" });
  link.setAttribute("aria-label", say("reference", { n: number }));
  link.addEventListener("click", (event) => {
    event.preventDefault(); // The fragment of the address says which section is shown.
    element(`message-${number}`).focus();
  });
  return link;
}

/** Returns the items of each process, in order: steps name a process if the interview is on several. */
function groupByProcess(items) {
  const groups = new Map();
  for (const item of items) {
    const name = item.process ?? "";
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups];
}
