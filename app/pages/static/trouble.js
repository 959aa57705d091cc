// What may be refused: done one at a time, and where it is refused, said so with what to do.

import { Refused } from "./api.js";
import { forget, token } from "./session.js";
import { draw, forgetInterview, resume } from "./steps.js";
import * as view from "./view.js";

let busy = false;

/** Does what may be refused, one thing at a time, and says what to do where it is. */
export async function attempt(action) {
  if (busy) return;
  busy = true;
  view.complain(null);
  view.wait(true);
  try {
    await action();
  } catch (error) {
    view.say(null);
    if (!(error instanceof Refused)) throw error;
    await explain(error, action);
  } finally {
    busy = false;
    view.wait(false);
    view.settle();
  }
}

async function explain(error, action) {
  const { status, retryAfter: seconds, requestId: id } = error;
  const retry = () => attempt(action);
  if (status === 401) return askToLogIn();
  if (status === 403 || status === 404) return leave(status === 403 ? "forbidden" : "gone");
  if (status === 409) return seeWhereItStands();
  if (status === 413 || status === 422) return view.complain(token() ? "invalid" : "credentials");
  if (status === 429) return view.complain("tooMany", { values: { seconds } });
  if (status === 503 || status === 0) return view.complain("unavailable", { retry });
  view.complain("fault", { values: { id }, retry });
}

function askToLogIn() {
  if (!token()) return view.complain("credentials");
  forget("token");
  draw();
  view.complain("expired");
}

function leave(why) {
  forgetInterview();
  draw();
  view.complain(why);
}

async function seeWhereItStands() {
  forget("start");
  try {
    await resume();
    view.complain("movedOn");
  } catch (error) {
    await explain(error, seeWhereItStands);
  }
}
