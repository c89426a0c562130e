/** Sends what `fetch` would not: hosts, origins and paths as they are written. */
import { type IncomingHttpHeaders, request } from "node:http";

export interface RawRequest {
  readonly path: string;
  /** @defaultValue GET */
  readonly method?: string;
  /** `host` as it is written; that of the address where it is missing. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function rawRequest(url: string, { path, method = "GET", headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers, setHost: headers.host === undefined }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end(body);
  });
}
