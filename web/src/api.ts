// Asking the server. Everything goes to the origin of the page, signed in by header.

import { tune } from "./clock";
import { inChinese } from "./refusals";
import type { Language, Operation, Theme } from "./types";

const isChinese = (): boolean => globalThis.document?.documentElement.lang === "zh";
const OVER = "NOT_SIGNED_IN";

export class Refused extends Error {
  constructor(
    public code: string,
    message: string,
    public details: Record<string, unknown> = {},
  ) {
    super((isChinese() && inChinese(code, message, details)) || message);
  }
}

// The server could not be reached, or did not answer as it does: nothing is known of what became of the question.
export class Unreached extends Error {}

export interface Asker {
  readonly state: { token: string | null; language: Language; theme: Theme };
}

export class Api {
  renew: (() => Promise<string | null>) | null = null; // the next token, when the server says that the last one is over

  constructor(private store: Asker) {}

  get language(): Language {
    return this.store.state.language;
  }

  get headers(): Record<string, string> {
    const { token } = this.store.state;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  async ask<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, signal?: AbortSignal): Promise<Data> {
    const asked = { query: operation.text, variables };
    let body = await this.post("/graphql", asked, signal);
    if (body.errors?.[0]?.extensions?.code === OVER && (await this.renew?.())) body = await this.post("/graphql", asked, signal);
    const problem = body.errors?.[0];
    if (problem) throw new Refused(problem.extensions?.code ?? "UNKNOWN", problem.message, problem.extensions);
    return body.data as Data;
  }

  // A plain address that answers with JSON; refusals come as `code` and `description`.
  async send(path: string, message: unknown): Promise<unknown> {
    const body = await this.post(path, message);
    if (body.code) throw new Refused(body.code, body.description ?? body.code);
    return body;
  }

  async style(): Promise<unknown> {
    const { theme, language } = this.store.state;
    const fetched = (): Promise<Response> => fetch(`/style.json?theme=${theme}&language=${language}`, { headers: this.headers });
    let response = await fetched();
    if (response.status === 401 && (await this.renew?.())) response = await fetched();
    const body = await response.json();
    if (!response.ok) throw new Refused(body.code, body.description);
    return body;
  }

  private async post(path: string, message: unknown, signal?: AbortSignal): Promise<Record<string, any>> {
    const headers = { ...this.headers, "Content-Type": "application/json", Accept: "application/json" };
    try {
      const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(message), signal: signal ?? null });
      tune(response.headers.get("date"));
      return await response.json();
    } catch (problem) {
      if ((problem as Error).name === "AbortError") throw problem;
      throw new Unreached((problem as Error).message);
    }
  }
}
