// The page's story: who enters, what there is to see, then the map with its layers and panels.

import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";

import type { Map as MapLibre } from "maplibre-gl";
import { Api, Refused } from "./api";
import { at } from "./elements";
import { beginCounting } from "./clock";
import { ACTORS, Desk, EDITORS, may, WATCHERS } from "./desk";
import { calls } from "./layers/calls";
import { changes } from "./layers/changes";
import { cases } from "./layers/cases";
import { circle } from "./layers/circle";
import { gaps } from "./layers/gaps";
import { hatch } from "./layers/hatch";
import { live } from "./layers/live";
import { measure } from "./layers/measure";
import { pick } from "./layers/pick";
import { posts } from "./layers/posts";
import { selection } from "./layers/selection";
import { visibility } from "./layers/visibility";
import { makeMap } from "./map";
import { Opening } from "./operations";
import { call } from "./panels/call";
import { card } from "./panels/card";
import { door } from "./panels/door";
import { side } from "./panels/side";
import { notices, tools } from "./panels/tools";
import * as session from "./session";
import * as share from "./share";
import { SignIn } from "./signin";
import { initial, Store } from "./store";
import { Line } from "./socket";
import { say } from "./words";

const AREA_SOURCES = ["grids", "communities", "care"];
const AUDIT_SOURCES = ["coverage", "gaps"];
const given = share.takeToken(location, history);
const shared = share.read(location.hash);
const night = matchMedia("(prefers-color-scheme: dark)").matches;
const store = new Store(
  initial({
    token: null,
    language: shared.language ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
    theme: shared.theme ?? (night ? "dark" : "light"),
    view: shared.view,
    ...(shared.shown ? { shown: shared.shown } : {}),
  }),
);
const api = new Api(store);
let line: Line | null = null;
const signIn = new SignIn(
  () => store.state.language,
  (token) => {
    session.keep(token);
    store.set({ token });
    line?.open();
  },
);
api.renew = () => signIn.renew();

async function open(): Promise<void> {
  const language = store.state.language === "zh" ? "ZH" : "EN";
  const theme = store.state.theme === "light" ? "LIGHT" : "DARK";
  const found = await api.ask(Opening, { language, theme });
  store.set({ viewer: found.viewer, layers: found.mapLayers ?? [] });
}

async function enter(token: string): Promise<void> {
  store.set({ token });
  try {
    await open();
    session.keep(token);
    await begin();
  } catch (problem) {
    const over = problem instanceof Refused && problem.code === "NOT_SIGNED_IN";
    if (over) session.forget();
    store.set({ token: null, notice: over ? say("lost", store.state.language) : say("offline", store.state.language) });
    if (!(problem instanceof Refused)) throw problem;
  }
}

function leave(): void {
  const { token } = store.state;
  if (token) void signIn.out(token).then(session.leave);
  else session.leave();
}

async function begin(): Promise<void> {
  const map = await makeMap(store, api, at("map"));
  hatch(map);
  map.once("style.load", () => {
    visibility(map, store);
    gaps(map, store);
    changes(map, store);
    posts(map, store);
    measure(map, store);
    circle(map, store);
    selection(map, store);
    cases(map);
    if (may(store, WATCHERS)) calls(map, store);
  });
  pick(map, store);
  live(map, store);
  side(map, store, api);
  card(store, api);
  if (may(store, EDITORS)) onceEditing(map);
  store.follow(["changes"], ({ changes, language }) => {
    if (!changes) return;
    store.set({ notice: say("saved", language) });
    again(map, AREA_SOURCES);
  });
  store.follow(["audits"], ({ audits }) => audits && again(map, AUDIT_SOURCES));
  if (may(store, WATCHERS)) watch();
  store.follow(["view", "shown", "theme", "language"], (state) => {
    if (state.view) history.replaceState(null, "", share.written(state));
  });
  let told = store.state.language + store.state.theme;
  store.follow(["language", "theme"], ({ language, theme }) => {
    if (language + theme !== told) void open();
    told = language + theme;
  });
  map.once("load", () => document.documentElement.setAttribute("data-drawn", ""));
}

// What changes borders is loaded when somebody begins to.
function onceEditing(map: MapLibre): void {
  let loaded = false;
  store.follow(["editing"], ({ editing }) => {
    if (!editing || loaded) return;
    loaded = true;
    void Promise.all([import("./layers/editing"), import("./panels/editing")]).then(([layer, panel]) => {
      layer.editing(map, store);
      panel.editing(store, api);
    });
  });
}

function again(map: MapLibre, sources: string[]): void {
  for (const source of sources) if (map.getSource(source)) map.refreshTiles(source);
}

// What happens by itself is followed by those who send help, or look on.
function watch(): void {
  line = new Line(
    () => store.state.token,
    (state) => (state === "refused" ? void refused() : store.set({ line: state })),
  );
  call(store, api, new Desk(store, api, line));
  if (may(store, ACTORS) && !may(store, ["ADMIN"])) store.set({ tab: "calls" });
  beginCounting();
}

// A token that ended while the computer slept is renewed; what cannot be renewed now is tried again later.
async function refused(): Promise<void> {
  if (!(await signIn.renew()) && !signIn.isKept) leave();
}

tools(store, leave);
notices(store);
door(store, (token) => void enter(token), "dispatcher", () => signIn.form((token) => void enter(token)));
const token = given ?? (signIn.isKept ? null : session.kept());
if (token) void enter(token);
else void signIn.again().then((renewed) => {
  if (renewed) void enter(renewed);
});
