// Hold an interview with the generated types: npx tsc && node build/interview.js [URL].

import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const ANSWERS = ["I buy steel for the plant.", "I compare three offers, and then I order."];

/** Returns the body of a successful response. Throws an error response. */
function expectSuccess<Body>(result: { data?: Body; error?: { code: number; message: string } }): Body {
  if (result.data === undefined) throw new Error(`error response: ${result.error?.code} ${result.error?.message}`);
  return result.data;
}

/** Logs in, starts an interview, answers twice, and reads and exports it. url: of the service, without a path. */
async function holdInterview(url: string, email: string, password: string) {
  const api = createClient<paths, "application/json">({ baseUrl: url });
  const { token } = expectSuccess(await api.POST("/api/v1/auth/login", { body: { email, password } })).data;
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });
  const started = expectSuccess(await api.POST("/api/v1/interviews/start", { body: { language: "en" } })).data;
  const { interview_id } = started;
  let { question, question_number }: { question: string; question_number: number } = started;
  for (const user_response of ANSWERS) {
    console.log(`${question_number}. ${question}\n   ${user_response}`);
    const body = { interview_id, user_response, question_number };
    ({ question, question_number } = expectSuccess(await api.POST("/api/v1/interviews/continue", { body })).data);
  }
  const path = { interview_id };
  const read = expectSuccess(await api.GET("/api/v1/interviews/{interview_id}", { params: { path } })).data;
  console.log(`${read.status}: ${read.messages.length} messages`);
  return expectSuccess(await api.POST("/api/v1/interviews/export", { body: { interview_id } })).data;
}

const exported = await holdInterview(process.argv[2] ?? "http://127.0.0.1:8000", "user@example.com", "user123");
console.log(
  `exported for ${exported.user_name}: ` +
    `${exported.total_questions} questions, ${exported.total_user_responses} answers`,
);
