import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { watchAnswers } from "./last-answers.ts";

/** Of a server whose answers wait for `answer`, with one client that has sent this much. */
async function openWith(sent: string) {
  const arrived = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    arrived.resolve();
    void answered.promise.then(() => response.end("all of it"));
  });
  const giveLastAnswers = watchAnswers(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [taken] = await Promise.all([once(server, "connection"), once(client, "connect")]);
  client.write(sent);
  return { server, client, taken: taken[0] as Socket, giveLastAnswers, arrived: arrived.promise, answer: () => answered.resolve() };
}

async function close(server: Server, giveLastAnswers: () => Disposable): Promise<void> {
  using _answers = giveLastAnswers();
  await new Promise((resolve) => server.close(resolve));
}

test.each(["", "GET / HTTP/1.1\r\nhost: a\r\n", "POST / HTTP/1.1\r\nhost: a\r\ncontent-le"])(
  "a client that has said %j and no more does not hold up the end (F-41)",
  async (sent) => {
    const { server, client, taken, giveLastAnswers } = await openWith(sent);
    while (taken.bytesRead < sent.length) await once(taken, "data");
    await Promise.all([close(server, giveLastAnswers), once(client.resume(), "close")]);
  },
);

test("an answer that is on its way is given whole, and its connection is ended", async () => {
  const { server, client, giveLastAnswers, arrived, answer } = await openWith("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await arrived;
  const closed = close(server, giveLastAnswers);
  answer();
  let text = "";
  for await (const chunk of client.setEncoding("utf8")) text += chunk;
  await closed;
  expect(text).toMatch(/^HTTP\/1.1 200 OK[\s\S]*all of it/);
});
