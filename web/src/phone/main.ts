// The worker's phone: who signs in, then duty, visits and the own grid. Opens without a network with what was kept.

import "maplibre-gl/dist/maplibre-gl.css";
import "../style.css";
import "./phone.css";

import { Api, Refused } from "../api";
import { beginCounting } from "../clock";
import { at, el, redraw } from "../elements";
import { settle } from "../cases/zone";
import { PhoneOpening } from "../operations";
import { door } from "../panels/door";
import { notices } from "../panels/tools";
import * as share from "../share";
import { SignIn } from "../signin";
import { Line } from "../socket";
import { Bell } from "../sound";
import { say } from "../words";
import { Chart } from "./chart";
import { Duty } from "./duty";
import { dutyPage, wayOf } from "./dutypage";
import { gridPage } from "./gridpage";
import * as keep from "./keep";
import { Plan, plansWait } from "./plan";
import { planPage } from "./planpage";
import { Rounds } from "./rounds";
import { initialPhone, PhoneStore } from "./state";
import type { Page, PhoneState } from "./state";
import { visitsPage } from "./visitspage";
import { Waking } from "./waking";
import { tell } from "./words";

const PAGES: readonly Page[] = ["duty", "visits", "grid"];
const given = share.takeToken(location, history);
const before = keep.kept();
const night = matchMedia("(prefers-color-scheme: dark)").matches;
const store = new PhoneStore(
  initialPhone({ language: navigator.language.startsWith("zh") ? "zh" : "en", theme: night ? "dark" : "light", due: before.due, pending: before.pending }),
);
const api = new Api(store);
let line: Line | null = null;
const signIn = new SignIn(
  () => store.state.language,
  (token) => {
    keep.keep({ token });
    store.set({ token });
    line?.open();
  },
  localStorage,
);
api.renew = () => signIn.renew();
const waking = new Waking(store, api);

async function enter(token: string): Promise<void> {
  store.set({ token });
  try {
    const { viewer, settings } = await api.ask(PhoneOpening, {});
    settle(settings?.timeZone);
    store.set({ name: viewer.name, worker: viewer.worker });
  } catch (problem) {
    if (problem instanceof Refused) return refuse(problem);
  }
  keep.keep({ token });
  store.set({ signedIn: true });
  await begin();
}

function refuse(problem: Refused): void {
  if (problem.code === "NOT_SIGNED_IN") keep.keep({ token: null });
  store.set({ token: null, notice: problem.code === "NOT_SIGNED_IN" ? say("lost", store.state.language) : problem.message });
}

// A token that ended while the phone slept is renewed; without a network that is tried again later.
async function over(): Promise<void> {
  if (!(await signIn.renew()) && !signIn.isKept) refuse(new Refused("NOT_SIGNED_IN", ""));
}

let asked = false;
function leave(): void {
  if ((store.state.pending.length || plansWait()) && !asked) {
    asked = true;
    return store.set({ notice: tell("leaveAnyway", store.state.language) });
  }
  const { token } = store.state;
  const gone = (): void => {
    keep.forget();
    location.replace(location.pathname);
  };
  const out = async (): Promise<void> => {
    await waking.off().catch(() => undefined);
    if (token && signIn.isKept) await signIn.out(token);
  };
  void out().then(gone);
}

async function begin(): Promise<void> {
  line = new Line(() => store.state.token, (state) => (state === "refused" ? void over() : store.set({ line: state })));
  const duty = new Duty(store, api, line);
  void waking.look().catch(() => undefined); // without it the open page still rings
  const bell = new Bell((soundIsOn) => store.set({ soundIsOn }));
  store.follow(["offer"], ({ offer }) => bell.ring(offer?.status === "OFFERED" ? "alarm" : "none"));
  const chart = el("div", { id: "chart", "aria-label": "Map 地图", role: "region" });
  const pages: Record<Page, HTMLElement> = { duty: dutyPage(store, duty, waking), visits: el("div", { class: "stack" }, visitsPage(store, new Rounds(store, api)), planPage(store, new Plan(store, api))), grid: gridPage(store, api) };
  at("main").replaceChildren(chart, ...Object.values(pages));
  store.follow(["page", "language"], (state) => {
    for (const page of PAGES) pages[page].hidden = page !== state.page;
    redraw(at("tabs"), ...PAGES.map((page) => tab(state, page)));
    at("tabs").hidden = false;
  });
  await chartOf(chart).catch(() => (chart.hidden = true)); // without a network there is no map, and all else goes on
}

async function chartOf(place: HTMLElement): Promise<void> {
  place.hidden = true;
  let chart: Chart | null = null;
  const draw = async (state: PhoneState): Promise<void> => {
    const way = wayOf(state);
    const border = state.page === "grid" ? (state.grid?.boundary ?? null) : null;
    const hidden = state.page === "duty" ? !way.home : !border;
    place.hidden = hidden;
    if (hidden) return;
    chart ??= await Chart.make(place, api);
    chart.resize();
    chart.show(state.page === "duty" ? way : { path: null, home: null, border });
    chart.here(state.position);
  };
  let last = Promise.resolve();
  store.follow(["offer", "call", "page", "grid", "position"], (state) => {
    last = last.then(() => draw(state)).catch(() => undefined);
  });
  await last;
}

function tab({ page, language }: PhoneState, name: Page): HTMLElement {
  return el("button", { "data-key": name, "aria-current": page === name ? "page" : null, click: () => store.set({ page: name }) }, tell(name, language));
}

function head({ language, name, line, token, signedIn }: PhoneState): HTMLElement[] {
  const lost = signedIn && line === "lost";
  return [
    el("h1", {}, tell("title", language)),
    el("p", { class: "quiet", id: "who" }, name),
    el("p", { class: lost ? "state lost" : signedIn && line === "open" ? "state open" : "state", id: "line", role: "status" }, signedIn ? (lost ? tell("offlineNow", language) : line === "open" ? tell("onlineNow", language) : "…") : ""),
    el("button", { "aria-label": say("language", language), click: () => store.set({ language: language === "zh" ? "en" : "zh" }), "data-key": "language" }, language === "zh" ? "EN" : "中"),
    ...(token ? [el("button", { id: "leave", "aria-label": say("leave", language), click: leave, "data-key": "leave" }, "↪")] : []),
  ];
}

store.follow(["language", "theme"], ({ language, theme }) => {
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  document.title = tell("title", language);
});
store.follow(["language", "name", "line", "token", "signedIn"], (state) => redraw(at("head"), ...head(state)));
notices(store);
door(store, (token) => void enter(token), "grid-worker", () => signIn.form((token) => void enter(token)));
beginCounting();
void navigator.serviceWorker?.register("/phone-worker.js", { scope: "/phone" });
void begun().then((token) => (token ? enter(token) : undefined));

// The token to begin with: the next one by the cookie; without a network the one that was kept, to open the page.
async function begun(): Promise<string | null> {
  if (given || !signIn.isKept) return given ?? before.token;
  return (await signIn.again()) ?? (signIn.isKept ? before.token : null);
}
