// The review: the interviews of the organization, and one of them as a conversation beside its outcome.

import { callAsUser } from "./caller.js";
import { drawOutcome } from "./outcome.js";
import { create, element, formatDate, say, show } from "./page.js";
import { drawList, drawMessages, drawRefused } from "./view.js";

const people = new Map(); // The names of the employees in the list so far, by id.
let found = []; // Interviews, as the list returns them.
let next = null; // The cursor of the next page.
let total = 0;
let shown = null; // {interview, outcome}

/** Reads the interviews that match the filters, from the newest on. `open`: called with an interview. */
export async function search(open) {
  const { data, meta } = await callAsUser("GET", `/interviews?${query()}`);
  found = data;
  update(meta.pagination);
  total = meta.pagination.total_items;
  draw(open);
}

/** Reads the next page. */
export async function searchMore(open) {
  const { data, meta } = await callAsUser("GET", `/interviews?${query()}&cursor=${next}`);
  found = [...found, ...data];
  update(meta.pagination);
  draw(open);
}

function query() {
  const values = {
    page_size: 50, status: element("by-status").value, start_date: element("by-start").value,
    end_date: element("by-end").value, employee_id: element("by-person").value,
  };
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value));
}

function update(pagination) {
  next = pagination.next_cursor;
  for (const { employee_id: id, employee_name: name } of found) people.set(id, name || id);
}

/** Draws the list. `focus`: moves the focus to its heading. */
export function draw(open, { focus = true } = {}) {
  const select = element("by-person");
  const chosen = select.value;
  const sorted = [...people].sort(([, one], [, other]) => one.localeCompare(other));
  select.replaceChildren(
    create("option", { value: "", textContent: say("anyPerson") }),
    ...sorted.map(([value, textContent]) => create("option", { value, textContent })),
  );
  select.value = chosen;
  element("found").textContent = say("found", { n: total });
  drawList("reviewed", found, open, { named: true });
  element("review-more").hidden = !next;
  show("review", { focus });
}

/** Reads one interview with its outcome. */
export async function openOne({ id_interview: id }) {
  const [interview, outcome] = await Promise.all([
    callAsUser("GET", `/interviews/${id}`),
    callAsUser("GET", `/interviews/${id}/outcome`),
  ]);
  shown = { interview: interview.data, outcome: outcome.data };
  drawOne();
}

/** Draws the interview that was opened last. */
export function drawOne({ focus = true } = {}) {
  const { interview, outcome } = shown;
  element("one-title").textContent = interview.employee_name || interview.employee_id;
  element("one-text").textContent = `${formatDate(interview.started_at)} · ${say(interview.status)}`;
  drawRefused(null);
  drawMessages(element("conversation"), interview.language, interview.messages, { anchors: true });
  drawOutcome("reviewed-outcome", outcome, interview.language, { references: true });
  show("one", { focus });
}

/** Returns the id of the interview that is shown. */
export const shownId = () => shown.interview.id_interview;

/** Forgets everything that was read. */
export function forgetReview() {
  people.clear();
  [found, next, total, shown] = [[], null, 0, null];
  for (const id of ["by-status", "by-start", "by-end", "by-person"]) element(id).value = "";
}
