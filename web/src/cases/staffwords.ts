// What the staff's board and file say, in Chinese and English.

import { Refused } from "../api";
import type { Language } from "../types";
import { label } from "./labels";

const WORDS = {
  title: ["邻里 · 事项", "Linli · matters"],
  board: ["看板", "Board"],
  map: ["地图", "Map"],
  fresh: ["登记事项", "New matter"],
  assessment: ["考评", "Assessment"],
  area: ["辖区", "Area"],
  all: ["全部", "All"],
  kind: ["类别", "Kind"],
  group: ["分栏", "Columns"],
  byRung: ["按层级", "by rung"],
  byState: ["按状态", "by state"],
  late: ["只看逾期", "Late only"],
  mine: ["我经办的", "Mine"],
  count: ["件", "matters"],
  none: ["没有事项", "No matters"],
  more: ["更多", "More"],
  overdue: ["逾期", "late by"],
  days: ["个工作日", "working days"],
  lateNow: ["已逾期", "late"],
  paused: ["暂停", "paused"],
  accept: ["受理", "accept by"],
  close: ["办结", "close by"],
  provisional: ["（暂定）", "(provisional)"],
  nobody: ["尚无人经办", "nobody has it yet"],
  back: ["返回看板", "Back to the board"],
  what: ["内容", "What"],
  home: ["住户", "Home"],
  opener: ["提出人", "Raised by"],
  resident: ["居民（凭查询码）", "a resident, by tracking code"],
  openedAt: ["提出时间", "Raised at"],
  agent: ["代理人", "Agent"],
  assignee: ["经办", "In hand of"],
  lead: ["首办责任", "Responsible"],
  round: ["第几轮", "Round"],
  consent: ["委托", "Consent"],
  satisfied: ["评价", "Rating"],
  yes: ["满意", "content"],
  no: ["不满意", "not content"],
  next: ["可以做什么", "What may be done"],
  nothing: ["现在没有您可做的。", "There is nothing for you to do now."],
  note: ["说明", "In own words"],
  answer: ["答复（提出人会看到这些话）", "The answer (whoever raised it reads these words)"],
  team: ["专班成员", "Its team"],
  sealedHint: ["保密事项：只有专班成员看得到。", "Sealed: only its team sees it."],
  sealed: ["保密", "sealed"],
  opinion: ["打印指引意见（不是法律意见）", "Print the guidance opinion (no legal advice)"],
  left: ["已退出", "has left"],
  send: ["提交", "Do it"],
  clocks: ["期限", "Clocks"],
  due: ["到期", "due"],
  met: ["完成", "met"],
  timeline: ["经过", "Timeline"],
  attachments: ["附件", "Attachments"],
  attach: ["添加照片或 PDF", "Add a photo or PDF"],
  links: ["关联事项", "Linked matters"],
  units: ["参与部门", "Offices called"],
  unitDone: ["已办毕", "done"],
  vote: ["投票", "Vote"],
  voted: ["已投户数", "Homes that voted"],
  quorum: ["已达三分之二", "two thirds reached"],
  noQuorum: ["未达三分之二", "two thirds not reached"],
  hidden: ["无记名：公布前不显示票数", "Secret: not counted before it is closed"],
  door: ["上门代录", "Entered at the door"],
  findHome: ["查找住户", "Find the home"],
  choice: ["选择", "Choice"],
  cast: ["录入", "Enter"],
  subject: ["标题（不写人名）", "Title, no names"],
  description: ["详情（加密）", "More (encrypted)"],
  raise: ["登记", "Raise it"],
  find: ["查找网格或住户", "Find a grid or a home"],
  place: ["具体地点", "Where exactly"],
  wholeArea: ["上面的辖区", "the area above"],
  noneHint: ["这里暂时没有未办结的事项。居民从 /case 吹哨，您也可以登记一件。", "Nothing is open here. Residents raise matters at /case; you may raise one, too."],
  similar: ["附近相似的事项", "Similar matters nearby"],
  from: ["从", "From"],
  to: ["到", "to"],
  show: ["显示", "Show"],
  download: ["下载 XLSX", "Download XLSX"],
  print: ["打印", "Print"],
  done: ["已完成", "Done"],
  quicker: ["有人先办了：{action}，现在是“{state}”。请再看一遍，您写的内容还在。", "Somebody was quicker: {action}. It is now “{state}”. Look again; what you wrote is kept."],
  offline: ["连不上服务器，稍后再试。", "The server cannot be reached. Try again in a moment."],
  lost: ["登录已失效，请重新登录。", "Your sign-in is over. Sign in again."],
} as const;

export type StaffWord = keyof typeof WORDS;

export function tell(word: StaffWord, language: Language): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}

export function problemText(problem: unknown, language: Language): string {
  if (!(problem instanceof Refused)) return tell("offline", language);
  if (problem.code !== "STALE_VERSION") return problem.message;
  const { action, state } = problem.details as { action?: string; state?: string };
  return tell("quicker", language).replace("{action}", label(action ?? "", language)).replace("{state}", label(state ?? "", language));
}
