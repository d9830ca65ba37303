// What the page says, in Chinese and English.

import type { Language } from "./types";

const WORDS = {
  title: ["邻里 · 社区网格地图", "Linli · community map"],
  search: ["查找网格、地址、住户编号", "Find a grid, an address, a file number"],
  nothing: ["没有找到", "Nothing found"],
  layers: ["图层", "Layers"],
  overlays: ["业务图层", "Community"],
  base: ["底图", "Base map"],
  show: ["显示", "Show"],
  legend: ["图例", "Legend"],
  theme: ["日间 / 夜间", "Day / night"],
  language: ["English", "中文"],
  share: ["复制本视图链接", "Copy a link to this view"],
  shared: ["已复制；链接不含口令", "Copied; the link carries no token"],
  leave: ["退出登录", "Sign out"],
  enter: ["登录", "Sign in"],
  token: ["访问口令（token）", "Access token"],
  hint: ["在服务器上运行 ./dev token dispatcher 可得到口令。", "Run ./dev token dispatcher on the server to get one."],
  close: ["关闭", "Close"],
  homes: ["住户", "Homes"],
  people: ["人口", "People"],
  area: ["面积", "Area"],
  care: ["关爱对象", "People in care"],
  workers: ["网格人员", "Workers"],
  offDuty: ["人离岗", "off duty"],
  none: ["无", "none"],
  few: ["人数少", "few"],
  open: ["营业中", "Open now"],
  closed: ["未营业", "Closed now"],
  always: ["全天", "Always open"],
  terminal: ["装有一键通", "Has a terminal"],
  seen: ["最近位置", "Seen"],
  ago: ["前", "ago"],
  state: ["状态", "State"],
  battery: ["电量", "Battery"],
  about: ["约", "about"],
  counted: ["此处住户（约数）", "Homes here, rounded"],
  planner: ["十分钟服务圈", "Ten-minute circle"],
  plannerHint: ["把标记放到地图上并拖动，看步行能到哪里。", "Put a marker on the map and drag it: how far do ten minutes reach?"],
  place: ["放置标记", "Place the marker"],
  remove: ["移除", "Remove"],
  minutes: ["分钟", "minutes"],
  mode: ["方式", "By"],
  reached: ["沿街道可达住户", "Homes reached over the streets"],
  false: ["直线圈内却到不了", "In the straight-line circle, but out of reach"],
  audit: ["覆盖检查", "Coverage check"],
  auditHint: ["哪些住户在时限内没有人能到？", "Which homes does nobody reach in time?"],
  where: ["范围", "Where"],
  supply: ["由谁覆盖", "Reached by"],
  check: ["检查", "Check"],
  covered: ["已覆盖", "Covered"],
  twice: ["至少两处可达", "Reached by two or more"],
  gaps: ["盲区", "Gaps"],
  nearest: ["最近", "nearest"],
  busy: ["正在计算…", "Working…"],
  lost: ["登录已失效，请重新登录。", "Your sign-in is over. Sign in again."],
  offline: ["连不上服务器，稍后再试。", "The server cannot be reached. Try again in a moment."],
  mapTitle: ["地图：方向键移动，加减号缩放", "Map: arrow keys move it, plus and minus zoom"],
} as const;

const CODES: Record<string, readonly [string, string]> = {
  GRID_WORKER: ["网格员", "grid worker"],
  VOLUNTEER: ["志愿者", "volunteer"],
  COMMUNITY_STAFF: ["社区干部", "community staff"],
  SOCIAL_WORKER: ["社工", "social worker"],
  DISPATCHER: ["调度员", "dispatcher"],
  SUPERVISOR: ["值班长", "supervisor"],
  PLANNER: ["规划员", "planner"],
  MANAGER: ["社区主任", "manager"],
  AUDITOR: ["审计员", "auditor"],
  ADMIN: ["管理员", "administrator"],
  OFF_DUTY: ["离岗", "off duty"],
  AVAILABLE: ["可派", "available"],
  OFFERED: ["已派单", "offered a call"],
  COMMITTED: ["处置中", "on a call"],
  ONLINE: ["在线", "online"],
  LOW_BATTERY: ["低电量", "battery low"],
  MAINS_LOST: ["断电", "mains lost"],
  SILENT: ["失联", "silent"],
  NEVER_SEEN: ["未曾上线", "never seen"],
  SERVICE_CENTRE: ["服务中心（站）", "service centre"],
  CLINIC: ["卫生站", "clinic"],
  PHARMACY: ["药房", "pharmacy"],
  CANTEEN: ["食堂", "canteen"],
  DAY_CARE: ["日间照料", "day care"],
  ACTIVITY_ROOM: ["活动室", "activity room"],
  POLICE_POST: ["警务室", "police post"],
  MARKET_SERVICE: ["市场服务", "market service"],
  WALK: ["步行 1.3 米/秒", "walking, 1.3 m/s"],
  WALK_SLOW: ["老人步行 0.83 米/秒", "an elder's walk, 0.83 m/s"],
  EBIKE: ["电动车", "e-bike"],
  CAR: ["汽车", "car"],
  SERVICE_POINTS: ["全部服务点", "all service points"],
  WORKERS_ON_SHIFT: ["在班人员", "workers on shift"],
  POSTS: ["人员驻点", "workers' posts"],
};

export type Word = keyof typeof WORDS;

export function say(word: Word, language: Language): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}

export function sayCode(code: unknown, language: Language): string {
  return CODES[String(code)]?.[language === "zh" ? 0 : 1] ?? String(code);
}

export function nameOf(thing: { name: string; nameEn?: string | null }, language: Language): string {
  return language === "en" ? (thing.nameEn ?? thing.name) : thing.name;
}

export function span(seconds: number, language: Language): string {
  const units: [number, Intl.RelativeTimeFormatUnit][] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, "second"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(
    Math.round(seconds / size),
  );
}

export function number(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}
