// One connection for all that is followed (graphql-transport-ws). It comes back by itself, and each subscription then
// begins again with what it wants to say by then, such as the last number seen.

import type { Operation } from "./types";

export type LineState = "opening" | "open" | "lost" | "refused";

interface Followed {
  text: string;
  variables: () => unknown;
  next: (data: never) => void;
  failed: (code: string) => void;
}

const PROTOCOL = "graphql-transport-ws";
const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
const PING_MILLISECONDS = 8_000;
const SILENCE_MILLISECONDS = 20_000;
const FORBIDDEN = 4403;

export class Line {
  private socket: WebSocket | null = null;
  private followed = new Map<string, Followed>();
  private count = 0;
  private pause = FIRST_PAUSE_MILLISECONDS;
  private heard = 0;
  private waiting = 0;
  private signedIn = false;

  constructor(
    private token: () => string | null,
    private told: (state: LineState) => void,
  ) {
    addEventListener("online", () => this.open());
    addEventListener("offline", () => {
      if (!this.socket) return;
      this.socket.close();
      this.lost(0);
    });
    setInterval(() => this.check(), PING_MILLISECONDS);
    this.open();
  }

  // Follows until the returned function is called. `variables` is asked again at each new beginning.
  follow<Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: () => Variables,
    next: (data: Data) => void,
    failed: (code: string) => void = () => {},
  ): () => void {
    const id = String(++this.count);
    this.followed.set(id, { text: operation.text, variables, next, failed });
    this.begin(id);
    return () => {
      this.followed.delete(id);
      this.send({ id, type: "complete" });
    };
  }

  // Opens again after a refusal, with the next token; does nothing while it is open.
  open(): void {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.waiting);
    const address = new URL("/graphql", location.href.replace(/^http/, "ws"));
    const socket = (this.socket = new WebSocket(address.href, PROTOCOL));
    this.heard = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init", payload: { Authorization: `Bearer ${this.token()}` } }));
    socket.onmessage = ({ data }) => this.take(JSON.parse(data as string));
    socket.onclose = ({ code }) => socket === this.socket && this.lost(code);
  }

  private lost(code: number): void {
    this.socket = null;
    this.signedIn = false;
    if (code === FORBIDDEN) return this.told("refused");
    this.told("lost");
    this.waiting = window.setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MILLISECONDS);
  }

  private take(message: { type: string; id?: string; payload?: any }): void {
    this.heard = Date.now();
    const followed = message.id ? this.followed.get(message.id) : undefined;
    if (message.type === "connection_ack") this.acknowledged();
    else if (message.type === "ping") this.send({ type: "pong" });
    else if (message.type === "next") this.answer(followed, message.payload);
    else if (message.type === "error") followed?.failed(message.payload?.[0]?.extensions?.code ?? "UNKNOWN");
  }

  private answer(followed: Followed | undefined, payload: { data?: unknown; errors?: { extensions?: { code?: string } }[] }): void {
    if (payload.errors?.length) followed?.failed(payload.errors[0]?.extensions?.code ?? "UNKNOWN");
    else followed?.next(payload.data as never);
  }

  private acknowledged(): void {
    this.pause = FIRST_PAUSE_MILLISECONDS;
    this.signedIn = true;
    for (const id of this.followed.keys()) this.begin(id);
    this.told("open");
  }

  private begin(id: string): void {
    const followed = this.followed.get(id);
    if (!followed || !this.signedIn) return;
    const payload = { query: followed.text, variables: followed.variables() };
    this.send({ id, type: "subscribe", payload });
  }

  // A line that has gone silent without an end is cut, so that its loss is seen.
  private check(): void {
    if (!this.socket) return;
    if (Date.now() - this.heard < SILENCE_MILLISECONDS) return this.send({ type: "ping", payload: { authorization: `Bearer ${this.token()}` } });
    this.socket.close();
    this.lost(0); // the end of a dead connection is told late, or never
  }

  private send(message: unknown): void {
    if (this.signedIn && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
