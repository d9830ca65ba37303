// Signing in by login and password, the steps that may follow, and the next token before the last one ends. The refresh
// token stays in a cookie that this script cannot read.

import { Api, Refused } from "./api";
import { el, redraw } from "./elements";
import { ChoosePassword, type Entered, Refresh, SecondFactor, SignInByPassword, SignOut } from "./operations";
import type { Language } from "./types";

const WORDS = {
  title: ["邻里 · 社区网格", "Linli"],
  login: ["账号", "Login"],
  password: ["密码", "Password"],
  code: ["动态码或恢复码", "Code of your app, or a recovery code"],
  renewed: ["新密码（至少 10 个字符）", "New password, 10 characters at least"],
  on: ["登录", "Sign in"],
  outside: ["用统一身份登录", "Sign in with your organisation"],
  offline: ["连不上服务器。", "The server cannot be reached."],
} as const;
const PLACE = "linli-signed-in-here";
const BEFORE_THE_END_MILLISECONDS = 120_000;
const AGAIN_MILLISECONDS = 10_000;
const LEAVE_MILLISECONDS = 10_000;

type Word = keyof typeof WORDS;
type Step = Entered["step"];

export class SignIn {
  private nobody: Api;
  private waiting = 0;
  private renewing: Promise<string | null> | null = null;
  private isLeaving = false;

  // `marks` keeps no token, only that somebody signed in here: in this tab, or on this phone.
  constructor(
    private language: () => Language,
    private fresh: (token: string) => void,
    private marks: Storage = sessionStorage,
  ) {
    this.nobody = new Api({ state: { token: null, language: language(), theme: "light" } });
  }

  // The next token by the cookie, null when there is no sign-in. One tab at a time: a refresh token is good once.
  async again(): Promise<string | null> {
    try {
      const next = async (): Promise<string> => this.kept((await this.nobody.ask(Refresh, {})).refresh);
      return await (navigator.locks?.request("linli-refresh", next) ?? next());
    } catch (problem) {
      if (problem instanceof Refused) this.forget();
      else if (this.isKept) this.later(AGAIN_MILLISECONDS);
      return null;
    }
  }

  // The same for those who were told that the last token is over, all of them at once; `fresh` has heard of it then.
  renew(): Promise<string | null> {
    if (!this.isKept || this.isLeaving) return Promise.resolve(null);
    this.renewing ??= this.again()
      .then((token) => {
        if (token) this.fresh(token);
        return token;
      })
      .finally(() => (this.renewing = null));
    return this.renewing;
  }

  get isKept(): boolean {
    return this.marks.getItem(PLACE) !== null;
  }

  // Ends the sign-in; without a network it ends by itself, and is waited for no longer than this.
  async out(token: string): Promise<void> {
    this.isLeaving = true;
    await Promise.race([this.end(token).catch(() => null), new Promise((over) => setTimeout(over, LEAVE_MILLISECONDS))]);
    this.forget();
  }

  // Also with a token that is over; a renewal under way is waited for, lest its cookie come after.
  private async end(token: string): Promise<void> {
    const asked = { token: (await this.renewing) ?? token, language: this.language(), theme: "light" as const };
    const asker = new Api({ state: asked });
    asker.renew = async () => {
      const next = await this.again();
      if (next) asked.token = next;
      return next;
    };
    await asker.ask(SignOut, {});
  }

  // The form of the step that is next; `enter` gets the token at the end.
  form(enter: (token: string) => void): HTMLElement {
    const place = el("form", { class: "signin", "aria-label": this.say("on") });
    this.ask(place, enter, "SIGNED_IN", null);
    return place;
  }

  // The way to the OpenID provider, where one is set up: the server says so in the page.
  private outside(): HTMLElement | null {
    const way = document.querySelector<HTMLMetaElement>("meta[name='linli-oidc']")?.content;
    return way ? el("a", { id: "signin-outside", href: way }, this.say("outside")) : null;
  }

  private ask(place: HTMLFormElement, enter: (token: string) => void, step: Step, ticket: string | null): void {
    const fields = this.fields(step);
    const told = el("p", { class: "quiet", role: "alert" });
    redraw(
      place,
      el("h1", {}, this.say("title")),
      ...fields.flatMap(([word, input]) => [el("label", { for: input.id }, this.say(word)), input]),
      told,
      el("button", { type: "submit", class: "main" }, this.say("on")),
      ticket ? null : this.outside(),
    );
    place.onsubmit = (event) => {
      event.preventDefault();
      void this.send(step, ticket, fields.map(([, input]) => input.value))
        .then((found) => (found.accessToken ? enter(this.kept(found)) : this.ask(place, enter, found.step, found.ticket)))
        .catch((problem) => (told.textContent = problem instanceof Refused ? problem.message : this.say("offline")));
    };
    if (ticket) fields[0]?.[1].focus();
  }

  private fields(step: Step): [Word, HTMLInputElement][] {
    const made = (id: string, type: string, autocomplete: string) => el("input", { id, type, autocomplete, required: true, "data-key": id });
    if (step === "SECOND_FACTOR") return [["code", made("signin-code", "text", "one-time-code")]];
    if (step === "NEW_PASSWORD") return [["renewed", made("signin-new", "password", "new-password")]];
    return [["login", made("signin-login", "text", "username")], ["password", made("signin-password", "password", "current-password")]];
  }

  private async send(step: Step, ticket: string | null, [first = "", second = ""]: string[]): Promise<Entered> {
    const inCookie = true;
    const by = ticket ?? "";
    const found =
      step === "SECOND_FACTOR"
        ? (await this.nobody.ask(SecondFactor, { input: { ticket: by, code: first, inCookie } })).secondFactor
        : step === "NEW_PASSWORD"
          ? (await this.nobody.ask(ChoosePassword, { input: { ticket: by, password: first, inCookie } })).choosePassword
          : (await this.nobody.ask(SignInByPassword, { input: { login: first, password: second, inCookie } })).signIn;
    if (!found) throw new Refused("UNKNOWN", this.say("offline"));
    return found;
  }

  private kept(found: Entered | null): string {
    if (!found?.accessToken || !found.expiresAt) throw new Refused("REFRESH_REFUSED", "");
    this.marks.setItem(PLACE, "");
    this.later(Math.max(Date.parse(found.expiresAt) - Date.now() - BEFORE_THE_END_MILLISECONDS, AGAIN_MILLISECONDS));
    return found.accessToken;
  }

  private later(milliseconds: number): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.renew(), milliseconds);
  }

  private forget(): void {
    clearTimeout(this.waiting);
    this.marks.removeItem(PLACE);
  }

  private say(word: Word): string {
    return WORDS[word][this.language() === "zh" ? 0 : 1];
  }
}
