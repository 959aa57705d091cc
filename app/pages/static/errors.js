// Run actions that may fail, one at a time, and show what to do if they do.

import { ApiError } from "./api.js";
import { forget, token } from "./session.js";
import { draw, forgetInterview, resume } from "./steps.js";
import * as view from "./view.js";

let busy = false;

/** Runs an action unless another one is running, and shows what to do if it throws an ApiError. */
export async function attempt(action) {
  if (busy) return;
  busy = true;
  view.showNotice(null);
  view.setBusy(true);
  try {
    await action();
  } catch (error) {
    view.announce(null);
    if (error.name === "AbortError") return; // The user has logged out.
    if (!(error instanceof ApiError)) throw error;
    await explain(error, action);
  } finally {
    busy = false;
    view.setBusy(false);
    view.restoreFocus();
  }
}

async function explain(error, action) {
  const { status, retryAfter: seconds, requestId: id } = error;
  const retry = () => attempt(action);
  if (status === 401) return askToLogIn();
  if (status === 403 || status === 404) return leaveInterview(status === 403 ? "forbidden" : "gone");
  if (status === 409) return reloadInterview();
  if (status === 413 || status === 422) return view.showNotice(token() ? "invalid" : "credentials");
  if (status === 429) return view.showNotice("tooMany", { values: { seconds } });
  if (status === 503 || status === 0) return view.showNotice("unavailable", { retry });
  view.showNotice("fault", { values: { id }, retry });
}

function askToLogIn() {
  if (!token()) return view.showNotice("credentials");
  forget("token");
  draw();
  view.showNotice("expired");
}

function leaveInterview(reason) {
  forgetInterview();
  draw();
  view.showNotice(reason);
}

async function reloadInterview() {
  forget("start");
  try {
    await resume();
    view.showNotice("movedOn");
  } catch (error) {
    await explain(error, reloadInterview);
  }
}
