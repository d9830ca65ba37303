// What the page says, in Chinese and English.

import { CODES, EVENTS, LEVELS } from "./codes";
import type { Language } from "./types";

const WORDS = {
  title: ["邻里 · 社区网格地图", "Linli · community map"],
  search: ["查找网格、地址、住户编号", "Grid, address or file number"],
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
  cases: ["事项看板", "Matters"],
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
  openHours: ["开放时间", "Open"],
  address: ["地址", "Address"],
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
  calls: ["呼叫", "Calls"],
  map: ["地图", "Map"],
  queue: ["待处置呼叫", "Open calls"],
  noCalls: ["暂无呼叫", "No open calls"],
  loading: ["正在载入…", "Loading…"],
  lineOpen: ["实时连接正常", "Live"],
  lineOpening: ["正在连接…", "Connecting…"],
  lineLost: ["连接中断，正在重连；下面是中断前的情况", "Connection lost, trying again; below is what was known before"],
  soundOn: ["点一下打开铃声", "Click to switch the sound on"],
  soundIs: ["铃声已开", "Sound is on"],
  waiting: ["已等待", "waiting"],
  left: ["剩余", "left"],
  pressed: ["按压", "pressed"],
  times: ["次", "times"],
  heldBy: ["由", "with"],
  asks: ["正在询问", "asking"],
  unknownHome: ["未登记的终端", "A terminal nobody has entered"],
  claim: ["接手", "Take it in hand"],
  release: ["交回", "Give it back"],
  offer: ["派单", "Ask"],
  offerAgain: ["改派", "Ask instead"],
  escalate: ["升级", "Escalate"],
  cancel: ["撤销呼叫", "Cancel the call"],
  resolve: ["办结", "Close with outcome"],
  reason: ["原因", "Reason"],
  outcome: ["结果", "Outcome"],
  serviceMode: ["服务方式", "How help was given"],
  note: ["备注", "Note"],
  provider: ["服务商", "Provider"],
  appointment: ["预约时间", "Appointment"],
  send: ["确定", "Do it"],
  back: ["返回", "Back"],
  candidates: ["可派人员", "Who could come"],
  nobodyNear: ["附近无人可派", "Nobody is near"],
  resident: ["住户", "At home"],
  asked: ["派单记录", "Who was asked"],
  timeline: ["经过", "What happened"],
  bySystem: ["系统", "by itself"],
  cancelWarning: ["对方按了取消，请核实", "CANCEL was pressed: make sure"],
  onDuty: ["在岗人员", "On duty"],
  noWorkers: ["无人在岗", "Nobody is on duty"],
  noPosition: ["无位置", "no position"],
  stale: ["位置过旧", "position is old"],
  followUp: ["回访", "Return visit"],
  satisfied: ["满意，结案", "All is well: close it"],
  unsatisfied: ["不满意，重新处置", "Not well: open it again"],
  returnVisits: ["待回访", "Return visits due"],
  demoPress: ["演示：按下一个一键通", "Demo: press somebody's button"],
  demoPressed: ["已按下，呼叫已记录", "Pressed; the call is stored"],
  split: ["拆分网格", "Split the grid"],
  merge: ["合并网格", "Merge grids"],
  border: ["调整边界", "Move the border"],
  splitHint: ["在地图上逐点画线，从边界外到边界外。", "Click a line on the map, from outside the border to outside it."],
  mergeHint: ["在地图上点选要合并的相邻网格。", "Click the neighbours on the map that are to become one with it."],
  borderHint: ["拖动边界上的点；小点拖动后成为新的拐点。红色为空缺或重叠。", "Drag the corners; a small point becomes a corner. Red is a gap or an overlap."],
  points: ["已画点数", "Points drawn"],
  undo: ["撤销一点", "Undo a point"],
  unchanged: ["尚未改动", "Nothing changed yet"],
  borderSound: ["可以保存：绿色为取得，橙色为交出。", "May be saved: green is taken, orange given."],
  borderOutside: ["超出社区。", "It reaches out of the community."],
  borderGap: ["留下无人的空缺。", "It leaves a gap that belongs to nobody."],
  borderSwallows: ["吞掉了相邻网格，请用合并。", "It leaves nothing of a neighbour: merge instead."],
  gridCode: ["新网格代码", "Code of the new grid"],
  gridName: ["新网格名称", "Name of the new grid"],
  save: ["保存", "Save"],
  saved: ["已保存", "Saved"],
  addPost: ["在此增设一处", "Add a post here"],
  addedPost: ["增设", "Added post"],
  closePost: ["假如关闭此处", "What if it closed?"],
  closedPost: ["关闭", "Closed"],
  suggest: ["建议选址", "Suggest sites"],
  undoPosts: ["恢复原状", "As it is"],
  change: ["变化", "Change"],
  take: ["带走", "Take along"],
  table: ["表格 CSV", "Table, CSV"],
  shapes: ["图形 GeoJSON", "Shapes, GeoJSON"],
  report: ["报告 HTML，可打印", "Report, HTML, to print"],
  compare: ["比较两次检查", "Compare two checks"],
  earlier: ["前", "Before"],
  later: ["后", "After"],
  gained: ["新覆盖", "Gained"],
  lostHomes: ["不再覆盖", "Lost"],
  tooFewAudits: ["先做两次检查。", "Check twice first."],
  hours: ["分时在班", "On shift by hour"],
  hoursHint: ["点一个时刻，按当时在班人员检查。", "Press an hour to check with who is on shift then."],
  now: ["现在", "now"],
  measure: ["测距", "Measure"],
  measureHint: ["在地图上点击各点；再按一次结束。", "Click points on the map; press again to end."],
  print: ["打印", "Print"],
  zoomIn: ["放大", "Zoom in"],
  zoomOut: ["缩小", "Zoom out"],
  northUp: ["回到正北", "North up"],
  sources: ["数据来源", "Where the data come from"],
  skip: ["跳到面板", "Skip to the panel"],
  mapTitle: ["地图：方向键移动，加减号缩放", "Map: arrow keys move it, plus and minus zoom"],
} as const;

export type Word = keyof typeof WORDS;

export function say(word: Word, language: Language): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}

export function sayCode(code: unknown, language: Language): string {
  return CODES[String(code)]?.[language === "zh" ? 0 : 1] ?? String(code);
}

// A care record's level; a category of one's own may have others, which are shown as they are.
export function sayLevel(level: string | null, language: Language): string | null {
  return (level && LEVELS[level]?.[language === "zh" ? 0 : 1]) ?? level;
}

export function sayEvent(kind: string, language: Language): string {
  return EVENTS[kind]?.[language === "zh" ? 0 : 1] ?? kind;
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

export function minutes(seconds: number | null | undefined, language: Language): string {
  if (seconds === null || seconds === undefined) return "—";
  const whole = Math.max(1, Math.ceil(seconds / 60));
  return language === "zh" ? `${whole} 分钟` : `${whole} min`;
}

export function moment(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(Date.parse(at));
}

export function number(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}
