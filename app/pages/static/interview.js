// The interview page: connects its controls to the steps of an interview and to the review.

import { leave, logIn, logInByCode } from "./caller.js";
import { adapt, keepDraft, setDraft } from "./composer.js";
import { saveDocument } from "./documents.js";
import { attempt } from "./errors.js";
import { hasAnswer, openLogin } from "./oidc.js";
import { element, restoreFocus, setLanguage, showNotice } from "./page.js";
import * as review from "./review.js";
import { keep, may, recall, token } from "./session.js";
import * as steps from "./steps.js";
import { TEXTS } from "./texts.js";
import { offerToFinish } from "./view.js";

const reviews = () => location.hash === "#review" && Boolean(token()) && may("read_all");
const openOne = (interview) => attempt(() => review.openOne(interview));

function chooseLanguage(language) {
  keep("language", language);
  setLanguage(language);
  adapt();
  if (!element("one").hidden) review.drawOne({ focus: false });
  else if (!element("review").hidden) review.draw(openOne, { focus: false });
  else steps.draw({ focus: false });
}

/** Reads what the address names: the review, or the interview that is open, or the list of one's own. */
async function open() {
  if (!reviews()) return steps.resume();
  steps.draw({ focus: false });
  await review.search(openOne);
}

/** Opens the page of an address such as `#review`. */
function go(hash) {
  if (location.hash !== hash) history.pushState(null, "", location.pathname + hash);
  steps.forgetInterview();
  attempt(open);
}

/** Asks for confirmation to finish, or returns to the answer. */
function askToFinish(asking) {
  if (element("finish").getAttribute("aria-disabled") === "true") return;
  offerToFinish(true, { asking });
  if (!asking) restoreFocus();
}

function logOut() {
  leave();
  steps.forgetOwn();
  review.forgetReview();
  history.replaceState(null, "", location.pathname);
  showNotice(null);
  steps.draw();
}

function onSubmit(section, action) {
  element(section).querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(action);
  });
}

function onClick(id, action) {
  element(id)?.addEventListener("click", action);
}

function listen() {
  onSubmit("login", async () => { await logIn(); await open(); });
  onClick("sign-in", () => attempt(openLogin));
  element("login").addEventListener("change", ({ target }) => {
    if (target.name !== "account") return;
    element("email").value = target.dataset.email;
    element("password").value = target.dataset.password;
  });
  element("interface").addEventListener("change", ({ target }) => chooseLanguage(target.value));
  onClick("home", () => go(""));
  onClick("review-link", () => go("#review"));
  onClick("log-out", logOut);
  window.addEventListener("popstate", () => { if (token()) attempt(open); });

  onSubmit("begin", steps.begin);
  steps.whenOpened((interview) => attempt(() => steps.open(interview)));
  onClick("own-more", () => attempt(async () => { await steps.listMore(); steps.draw(); }));

  onSubmit("turn", () => steps.answer());
  onClick("unknown", () => attempt(() => steps.answerWith("unknown")));
  onClick("skip", () => attempt(() => steps.answerWith("skip")));
  element("answer").addEventListener("input", keepDraft);
  element("answer").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });
  onClick("refused-use", () => { setDraft(steps.takeRefused()); restoreFocus(); });
  onClick("refused-drop", () => { steps.takeRefused(); restoreFocus(); });
  onClick("finish", () => askToFinish(true));
  onClick("finish-no", () => askToFinish(false));
  onClick("finish-yes", () => attempt(steps.finish));
  element("sure").addEventListener("keydown", ({ key }) => { if (key === "Escape") askToFinish(false); });

  onClick("again", () => go(""));
  onSubmit("review", () => review.search(openOne));
  onClick("review-more", () => attempt(() => review.searchMore(openOne)));
  onClick("back", () => review.draw(openOne));
  document.addEventListener("click", ({ target }) => {
    const kind = target.dataset?.document;
    if (kind) attempt(() => saveDocument(kind, target.closest("#one") ? review.shownId() : steps.openId()));
  });
}

const preferred = [recall("language"), ...navigator.languages.map((each) => each.slice(0, 2))];
setLanguage(preferred.find((each) => each in TEXTS) ?? "en");
listen();
if (hasAnswer()) attempt(async () => { await logInByCode(); await open(); });
else if (token()) attempt(open);
else steps.draw({ focus: false });
