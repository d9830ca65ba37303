// The staff's page of matters: who signs in, then the board, the file of one matter, a new one, the assessment.

import "../style.css";
import "./staff.css";

import "./caserefusals";

import { Api, Refused } from "../api";
import { at, el, redraw } from "../elements";
import { door } from "../panels/door";
import { notices } from "../panels/tools";
import * as session from "../session";
import * as share from "../share";
import { SignIn } from "../signin";
import { assessmentPage } from "./assessmentpage";
import { board } from "./board";
import { file } from "./file";
import { fresh } from "./fresh";
import { BoardOpening, Inside } from "./operations";
import { initialStaff, StaffStore } from "./staffstate";
import type { StaffState, View } from "./staffstate";
import { tell } from "./staffwords";
import { settle } from "./zone";

const night = matchMedia("(prefers-color-scheme: dark)").matches;
const given = share.takeToken(location, history);
const store = new StaffStore(initialStaff({ language: navigator.language.startsWith("zh") ? "zh" : "en", theme: night ? "dark" : "light" }));
const api = new Api(store);
const signIn = new SignIn(
  () => store.state.language,
  (token) => {
    session.keep(token);
    store.set({ token });
  },
);

async function enter(token: string): Promise<void> {
  store.set({ token });
  try {
    const found = await api.ask(BoardOpening, {});
    session.keep(token);
    settle(found.settings?.timeZone);
    store.set({ viewer: found.viewer, kinds: found.caseKinds ?? [], areas: found.viewer.areas });
    begin();
    await inside();
  } catch (problem) {
    const over = problem instanceof Refused && problem.code === "NOT_SIGNED_IN";
    if (over) session.forget();
    store.set({ token: null, notice: tell(over ? "lost" : "offline", store.state.language) });
    if (!(problem instanceof Refused)) throw problem;
  }
}

// The areas directly inside the own ones, to look at one of them alone.
async function inside(): Promise<void> {
  const own = store.state.areas;
  const found = await Promise.all(own.filter(({ level }) => level !== "GRID").map(({ id }) => api.ask(Inside, { areaId: id })));
  store.set({ areas: [...own, ...found.flatMap(({ areas }) => (areas?.edges ?? []).map(({ node }) => node))] });
}

function begin(): void {
  const pages: Record<View, HTMLElement> = { board: board(store, api), file: file(store, api), new: fresh(store, api), assessment: assessmentPage(store, api) };
  const problem = el("p", { class: "problem", role: "alert" });
  at("main").replaceChildren(problem, ...Object.values(pages));
  store.follow(["problem"], ({ problem: told }) => {
    problem.textContent = told;
    if (told) problem.scrollIntoView({ block: "nearest" });
  });
  store.follow(["view"], ({ view }) => {
    for (const [name, place] of Object.entries(pages)) place.hidden = name !== view;
    scrollTo(0, 0);
  });
  addEventListener("hashchange", go);
  go();
}

// The address names the view, and a matter by its opaque id.
function go(): void {
  const caseId = /^#case=([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? null;
  const view: View = caseId ? "file" : location.hash === "#new" ? "new" : location.hash === "#assessment" ? "assessment" : "board";
  const other = caseId !== store.state.caseId;
  store.set({ view, caseId, problem: null, ...(other ? { sheet: null } : {}) });
}

function leave(): void {
  const { token } = store.state;
  if (token) void signIn.out(token).then(session.leave);
  else session.leave();
}

function head({ language, viewer, view, theme }: StaffState): HTMLElement[] {
  const link = (href: string, name: View, text: string): HTMLElement => el("a", { href, "data-key": name, "aria-current": view === name ? "page" : null }, text);
  const turn = (): void => store.set({ theme: theme === "dark" ? "light" : "dark" });
  const other = (): void => store.set({ language: language === "zh" ? "en" : "zh" });
  return [
    el("h1", {}, tell("title", language)),
    ...(viewer
      ? [
          link("#", "board", tell("board", language)),
          link("#new", "new", tell("fresh", language)),
          link("#assessment", "assessment", tell("assessment", language)),
          el("a", { href: "/", "data-key": "map" }, tell("map", language)),
          el("span", { class: "quiet", id: "who" }, viewer.name),
        ]
      : []),
    el("button", { "data-key": "language", click: other }, language === "zh" ? "EN" : "中"),
    el("button", { "data-key": "theme", "aria-label": language === "zh" ? "日间 / 夜间" : "Day / night", click: turn }, theme === "dark" ? "☀" : "☾"),
    ...(viewer ? [el("button", { "data-key": "leave", "aria-label": language === "zh" ? "退出登录" : "Sign out", click: leave }, "↪")] : []),
  ];
}

store.follow(["language", "theme"], ({ language, theme }) => {
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  document.title = tell("title", language);
});
store.follow(["language", "theme", "viewer", "view"], (state) => redraw(at("head"), ...head(state)));
notices(store);
door(store, (token) => void enter(token), "community-staff", () => signIn.form((token) => void enter(token)));
const token = given ?? (signIn.isKept ? null : session.kept());
if (token) void enter(token);
else void signIn.again().then((renewed) => {
  if (renewed) void enter(renewed);
});
