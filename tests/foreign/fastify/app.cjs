// A task list in Fastify, with the schemas that validation, serialization and @fastify/swagger share.
const fastify = require("fastify")({ logger: false });

const task = {
  type: "object",
  required: ["id", "title", "done"],
  properties: {
    id: { type: "integer" },
    title: { type: "string", minLength: 1, maxLength: 100 },
    done: { type: "boolean" },
    due: { type: "string", format: "date" },
  },
};
const changes = {
  type: "object",
  required: ["title"],
  properties: { title: task.properties.title, done: { type: "boolean", default: false }, due: task.properties.due },
};
const failure = {
  type: "object",
  properties: { statusCode: { type: "integer" }, error: { type: "string" }, message: { type: "string" } },
};
const params = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };
const notFound = { statusCode: 404, error: "Not Found", message: "No such task" };

async function start() {
  await fastify.register(require("@fastify/swagger"), {
    openapi: { openapi: "3.0.3", info: { title: "Tasks", version: "1.0.0" } },
  });
  const tasks = new Map();
  let last = 0;

  fastify.get(
    "/tasks",
    {
      schema: {
        operationId: "listTasks",
        querystring: {
          type: "object",
          properties: {
            limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
            done: { type: "boolean" },
          },
        },
        response: { 200: { type: "array", items: task }, 400: failure },
      },
    },
    async (request) =>
      [...tasks.values()]
        .filter((each) => request.query.done === undefined || each.done === request.query.done)
        .slice(0, request.query.limit),
  );
  fastify.post(
    "/tasks",
    { schema: { operationId: "createTask", body: changes, response: { 201: task, 400: failure } } },
    async (request, reply) => {
      const created = { id: ++last, ...request.body };
      tasks.set(created.id, created);
      return reply.code(201).send(created);
    },
  );
  fastify.get(
    "/tasks/:id",
    { schema: { operationId: "getTask", params, response: { 200: task, 400: failure, 404: failure } } },
    async (request, reply) => tasks.get(request.params.id) ?? reply.code(404).send(notFound),
  );
  fastify.put(
    "/tasks/:id",
    { schema: { operationId: "replaceTask", params, body: changes, response: { 200: task, 400: failure, 404: failure } } },
    async (request, reply) => {
      if (!tasks.has(request.params.id)) return reply.code(404).send(notFound);
      const replaced = { id: request.params.id, ...request.body };
      tasks.set(replaced.id, replaced);
      return replaced;
    },
  );
  fastify.delete(
    "/tasks/:id",
    { schema: { operationId: "deleteTask", params, response: { 204: { type: "null" }, 400: failure, 404: failure } } },
    async (request, reply) => {
      if (!tasks.delete(request.params.id)) return reply.code(404).send(notFound);
      return reply.code(204).send();
    },
  );
  fastify.get("/openapi.json", { schema: { hide: true } }, async () => fastify.swagger());
  await fastify.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
}

start();
