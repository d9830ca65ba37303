// Asking the server. Everything goes to the origin of the page, signed in by header.

import type { Store } from "./store";

export class Refused extends Error {
  constructor(
    public code: string,
    message: string,
  ) {
    super(message);
  }
}

export class Api {
  constructor(private store: Store) {}

  get headers(): Record<string, string> {
    const { token } = this.store.state;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  async ask<Data>(query: string, variables: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Data> {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { ...this.headers, "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query, variables }),
      signal: signal ?? null,
    });
    const body = await response.json();
    const problem = body.errors?.[0];
    if (problem) throw new Refused(problem.extensions?.code ?? "UNKNOWN", problem.message);
    return body.data as Data;
  }

  async style(): Promise<unknown> {
    const { theme, language } = this.store.state;
    const response = await fetch(`/style.json?theme=${theme}&language=${language}`, { headers: this.headers });
    const body = await response.json();
    if (!response.ok) throw new Refused(body.code, body.description);
    return body;
  }
}
