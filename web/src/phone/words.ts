// The words of the phone's page, beside those that it shares with the map.

import type { Language } from "../types";

const WORDS = {
  title: ["邻里 · 网格员", "Linli · grid worker"],
  duty: ["值班", "Duty"],
  visits: ["走访", "Visits"],
  grid: ["我的网格", "My grid"],
  goOn: ["上岗", "Go on duty"],
  goOff: ["离岗", "Go off duty"],
  quietOn: ["在岗，暂无派单。有呼叫时手机会响。", "On duty. Nothing to do; the phone rings when there is a call."],
  quietOff: ["已离岗，不会收到派单。", "Off duty: you are not asked."],
  noPosition: ["没有定位：请允许使用位置，否则按驻点估算。", "No position: allow it, or your post is reckoned with."],
  offered: ["有人呼叫", "Somebody calls"],
  accept: ["我去", "I go"],
  decline: ["去不了", "I cannot"],
  declineWhy: ["为什么去不了？", "Why can you not go?"],
  underWay: ["前往", "On the way to"],
  atDoor: ["已到达", "At the door of"],
  arrive: ["我到了", "I am at the door"],
  stillComing: ["仍在途中", "Still coming"],
  close: ["办结", "Close the call"],
  lift: ["有电梯", "lift"],
  noLift: ["无电梯", "no lift"],
  floor: ["楼", "floor"],
  returns: ["待回访", "Return visits"],
  well: ["情况良好", "All is well"],
  notWell: ["仍需帮助", "Help is needed again"],
  due: ["应走访", "Visits due"],
  noneDue: ["没有到期的走访", "No visit is due"],
  dueOn: ["到期", "due"],
  overdue: ["已超期", "overdue by"],
  days: ["天", "days"],
  record: ["记录走访", "Record the visit"],
  purpose: ["事由", "Purpose"],
  pending: ["待上传", "To be sent"],
  pendingHint: ["没有网络时先记在手机里，恢复后自动上传。", "Kept on the phone without a network, sent by itself when it is back."],
  onlineNow: ["在线", "Online"],
  offlineNow: ["离线", "Offline"],
  refused: ["未被接受", "not taken"],
  discard: ["删除", "Discard"],
  findHome: ["按地址查找住户", "Find a home by its address"],
  notWorker: ["此账号不是网格人员，请使用地图。", "This account is not a worker's; use the map."],
  leaveAnyway: ["还有走访没有上传。再按一次退出并删除它们。", "Visits are not sent yet. Press again to sign out and lose them."],
  minutesAway: ["路程", "Way"],
  wake: ["页面关闭时也通知我", "Tell me when this page is closed, too"],
  wakeNot: ["页面关闭时不再通知", "Tell me only while this page is open"],
} as const;

export const PURPOSES: Record<string, readonly [string, string]> = {
  ROUTINE: ["例行走访", "routine"],
  AFTER_CHANGE: ["情况变化", "after a change"],
  COMPANY: ["陪伴", "company"],
  HOUSEWORK: ["家务", "housework"],
  HEALTH: ["健康", "health"],
  RETURN_VISIT: ["回访", "return visit"],
  OTHER: ["其他", "other"],
};

export function sayPurpose(code: string, language: Language): string {
  return PURPOSES[code]?.[language === "zh" ? 0 : 1] ?? code;
}

export type PhoneWord = keyof typeof WORDS;

export function tell(word: PhoneWord, language: Language): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}
