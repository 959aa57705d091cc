// The review: the interviews of the organization, and one of them as a conversation beside its outcome.

import { callAsUser } from "./caller.js";
import { drawOutcome } from "./outcome.js";
import { create, element, formatDate, say, show } from "./page.js";
import { drawList, drawMessages, drawRefused } from "./view.js";

const MOST_PAGES = 20; // Pages of 100 interviews in which people are looked for.
const people = new Map(); // The names of the employees, by id.
let found = []; // Interviews, as the list returns them.
let next = null; // The cursor of the next page.
let total = 0;
let collected = false; // Whether the names of all people have been asked for.
let shown = null; // {interview, outcome}

/** Reads the interviews that match the filters, from the newest on. `open`: called with an interview. */
export async function search(open) {
  const { data, meta } = await callAsUser("GET", `/interviews?${query()}`);
  found = data;
  update(meta.pagination);
  total = meta.pagination.total_items;
  draw(open);
  if (!collected) collectPeople().catch(() => {}); // Those in the list so far can be chosen anyway.
}

/** Reads the names of all people with interviews, newest first, while the list can be used. */
async function collectPeople() {
  collected = true;
  let cursor = "";
  for (let page = 0; page < MOST_PAGES && cursor !== null; page += 1) {
    const { data, meta } = await callAsUser("GET", `/interviews?page_size=100&cursor=${cursor}`);
    remember(data);
    cursor = meta.pagination.next_cursor;
  }
  drawPeople();
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
    page_size: 50, status: element("by-status").value, employee_id: element("by-person").value,
    start_date: toMoment(element("by-start").value, "00:00:00"), end_date: toMoment(element("by-end").value, "23:59:59.999"),
  };
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value));
}

/** Returns a time of a day in the time zone of the page, as the list shows times, or "". */
const toMoment = (day, time) => day && new Date(`${day}T${time}`).toISOString();

function update(pagination) {
  next = pagination.next_cursor;
  remember(found);
}

function remember(interviews) {
  for (const { employee_id: id, employee_name: name } of interviews) if (!people.has(id)) people.set(id, name || id);
}

function drawPeople() {
  const select = element("by-person");
  const chosen = select.value;
  const sorted = [...people].sort(([, one], [, other]) => one.localeCompare(other));
  select.replaceChildren(
    create("option", { value: "", textContent: say("anyPerson") }),
    ...sorted.map(([value, textContent]) => create("option", { value, textContent })),
  );
  select.value = chosen;
}

/** Draws the list. `focus`: moves the focus to its heading. */
export function draw(open, { focus = true } = {}) {
  drawPeople();
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
  [found, next, total, collected, shown] = [[], null, 0, false, null];
  for (const id of ["by-status", "by-start", "by-end", "by-person"]) element(id).value = "";
  for (const id of ["one-title", "one-text", "found"]) element(id).textContent = "";
  drawPeople();
}
