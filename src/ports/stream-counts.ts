/** Clients of the API in this process that follow runs at this moment. */
export interface StreamCounts {
  readonly sse: number;
  readonly websocket: number;
}
