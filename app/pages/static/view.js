// The sections of an interview: its beginning, the open question, the end, and the conversation so far.

import { create, element, formatDate, pageLanguage, say, write } from "./page.js";
import { drawOutcome } from "./outcome.js";

const most = Number(document.documentElement.dataset.most);
const guides = JSON.parse(document.documentElement.dataset.guides); // [{name, titles: {language: title}}]

/** Shows the part of the next question that has arrived instead of the open question, or the open question again if
 *  `question` is "". Screen readers get the next question when it is complete. */
export function showPartialQuestion(question, language) {
  element("coming").hidden = !question;
  element("question").classList.toggle("hush", Boolean(question));
  write(element("coming"), question, language);
}

/** Draws the open question and the progress. The number of questions is bounded, but not known in advance. */
export function drawTurn({ language, messages }) {
  const n = messages.filter(({ role }) => role === "assistant").length;
  element("progress-text").textContent = say(n > most ? "beyond" : "progress", { n, most });
  Object.assign(element("progress"), { max: Math.max(most, n), value: n - 1 });
  write(element("question"), messages.at(-1).content, language);
  drawEarlier(language, messages.slice(0, -1));
}

/** Draws the closing message and the earlier messages. `own`: the name of the page's closing text, or null. */
export function drawDone({ language, messages }, own) {
  if (own) write(element("closing"), say(own), pageLanguage());
  else write(element("closing"), messages.at(-1).content, language);
  drawEarlier(language, own ? messages : messages.slice(0, -1));
}

/** Offers to finish if that is `allowed`. `asking`: asks for confirmation, with the focus on "no". */
export function offerToFinish(allowed, { asking = false } = {}) {
  element("finish").hidden = !allowed || asking;
  element("sure").hidden = !asking;
  if (asking) element("finish-no").focus();
}

/** Draws the start of an interview and the interviews so far. `own`: the list of them, with the number of all. */
export function drawBeginning(name, own, open) {
  element("begin-title").textContent = say("beginTitle", { name });
  element("begin-text").textContent = say("beginText", { most });
  drawGuides();
  drawList("own", own.interviews, open);
  element("own-title").hidden = own.interviews.length === 0;
  element("own-more").hidden = !own.next;
  drawEarlier("", []);
}

/** Draws the choice of a guide: those in the language of the page, which is the language of the interview. */
function drawGuides() {
  const select = element("guide");
  const chosen = select.value;
  const offered = guides.filter(({ titles }) => titles[pageLanguage()]);
  select.replaceChildren(
    ...offered.map(({ name, titles }) => create("option", { value: name, textContent: titles[pageLanguage()] })),
  );
  if (offered.some(({ name }) => name === chosen)) select.value = chosen;
  select.hidden = document.querySelector("label[for=guide]").hidden = offered.length < 2;
}

/** Draws a list of interviews, each with a button that calls `open` with it. `named`: with the person of each. */
export function drawList(id, interviews, open, { named = false } = {}) {
  element(id).replaceChildren(
    ...interviews.map((interview) => {
      const { status, started_at: started, employee_name: person, total_messages: messages } = interview;
      const action = status === "in_progress" && !named ? "goOn" : "look";
      const title = named ? `${person}, ${formatDate(started)}` : formatDate(started);
      const button = create("button", { type: "button", className: "quiet", textContent: say(action) });
      const label = create("span", { className: "state", textContent: say(status) });
      label.dataset.status = status;
      button.setAttribute("aria-label", `${say(action)}: ${title}`);
      button.addEventListener("click", () => open(interview));
      const about = create("span", { className: "muted", textContent: say("answers", { n: Math.floor(messages / 2) }) });
      return create("li", {}, create("b", { textContent: title }), label, about, button);
    }),
  );
}

/** Shows an answer that was not stored, apart from the next question. `usable`: there is a question that it may answer. */
export function drawRefused(text, usable) {
  element("refused").hidden = !text;
  element("refused-text").textContent = text ?? "";
  element("refused-use").hidden = !usable;
}

/** Removes all texts of an interview. */
export function clear() {
  drawEarlier("", []);
  drawRefused(null);
  for (const id of ["own", "reviewed", "conversation"]) element(id).replaceChildren();
  write(element("question"), "", "");
  write(element("closing"), "", "");
  drawOutcome("outcome", null, "");
  drawOutcome("reviewed-outcome", null, "");
}

/** Draws messages as a list. */
export function drawMessages(list, language, messages, { anchors = false } = {}) {
  list.replaceChildren(
    ...messages.map(({ role, content }, index) => {
      const author = create("b", { textContent: say(role === "user" ? "you" : "interviewer") });
      if (anchors) author.textContent = `${index + 1}. ${say(role === "user" ? "person" : "interviewer")}`;
      const text = create("span");
      write(text, content, language);
      const item = create("li", { className: role }, author, text);
      if (anchors) Object.assign(item, { id: `message-${index + 1}`, tabIndex: -1 });
      return item;
    }),
  );
}

function drawEarlier(language, messages) {
  const details = element("earlier");
  details.hidden = messages.length === 0;
  details.querySelector("summary").textContent = say("earlier", { n: messages.length });
  drawMessages(details.querySelector("ol"), language, messages);
}
