// What the server refuses, in Chinese; its own sentences are English. What is not here is shown as the server says it.

export const SENTENCES: Record<string, string> = {
  NOT_FOUND: "没有这一项，或者您无权查看。请核对后再试。",
  NOT_ALLOWED: "您的岗位在这里不能这样做，请向本辖区主任申请权限。",
  NOT_SIGNED_IN: "登录已失效，请重新登录。",
  STALE_VERSION: "别人刚刚改过了。请重新打开，再改一次。",
  INTERNAL_SERVER_ERROR: "服务器出错，已记录。请稍后再试。",
  STORE_UNAVAILABLE: "数据库暂时连不上，请稍后再试。",
  TOOK_TOO_LONG: "用时过长，已停止。请缩小范围再试；重做之前先看是否已经生效。",
  TOO_COSTLY: "一次要的内容太多，请缩小范围。",
  SIGN_IN_REFUSED: "账号或密码不对，或账号已停用。请再试，或向主任要新的初始密码。",
  SIGN_IN_LOCKED: "尝试次数过多，请 {retrySeconds} 秒后再试。",
  TICKET_OVER: "这一步已过期，请从头登录。",
  CODE_REFUSED: "验证码不对、已过期或已用过，请用下一个。",
  PASSWORD_TOO_WEAK: "密码须 10 到 128 个字符，至少五种不同字符，且不含账号名。",
  PASSWORD_UNCHANGED: "新密码与旧密码相同，请换一个。",
  CLAIMED_BY_OTHER: "{name} 已接手此呼叫。请与其联系，或请值班长收回。",
  CLAIM_NOT_YOURS: "只有接手的人可以交回；值班长须写明原因。",
  CLAIM_LAPSED: "此呼叫已不在您手上。若无人接手，请重新接手。",
  WORKER_NOT_FREE: "此人现在不能派单，请另选他人，或等其空闲。",
  OFFER_EXPIRED: "派单已超时。",
  OFFER_TAKEN: "此呼叫已由别人处置。",
  OFFER_WITHDRAWN: "派单已收回或已答复。",
  POSITION_INVALID: "这个位置不能用，请等下一次定位。",
  POSITION_IN_FUTURE: "定位时间在将来，请校准手机时钟。",
  VISIT_IN_FUTURE: "走访时间还没有到。",
  NOTE_TOO_LONG: "备注太长，请缩短到 {most} 字以内。",
  CONSENT_GONE: "此人已撤回同意，走访内容不能保存，请从手机上删除。",
  CODE_TAKEN: "这个代码已属于别的辖区，请另选。",
  CODE_UNFIT: "网格代码为 15 位数字，并以所在社区代码 {expected} 开头。",
  TILING_BROKEN: "这样改会留下空缺或重叠，请按红色处修正。",
  TOO_FEW_GRIDS: "合并至少要两个不同的网格。",
  COMMUNITIES_DIFFER: "这些网格不在同一社区，只能合并同一社区的网格。",
  SPLIT_LINE_TOO_SHORT: "线的一端落在网格里，请从边界外画到边界外。",
  SPLIT_LINE_MISSES: "这条线没有切开网格。",
  SPLIT_TOO_MANY_PARTS: "这条线把网格切成了两块以上，请画简单些。",
  MERGE_PARTS_APART: "这些网格不相邻，不能合并。",
  BORDER_LEAVES_PARENT: "新边界超出了社区。",
  BORDER_FREES_NOBODYS: "让出的地方不与任何网格相接。",
  BORDER_SWALLOWS_GRID: "新边界吞掉了相邻网格，请用合并。",
  SHAPE_CROSSES_ITSELF: "边界与自己相交，请把点移开。",
  PLACE_UNLINKED: "附近没有街道，或隔着围墙。请选靠近街道的地方。",
  NO_NETWORK: "还没有导入街道。",
  AUDITS_DIFFER: "两次检查的范围不同，请选同一辖区的两次。",
  AUDIT_UNFINISHED: "这次检查还没有算完，请稍候。",
  AUDIT_CANCELLED: "检查已取消，需要时请重新检查。",
  BODY_TOO_LARGE: "发送的内容太大。",
  PHONE_REFUSED: "这部手机不能登记接收通知。",
};

// The sentence in Chinese with its figures; null where there is none, or a figure that it needs was not told.
export function inChinese(code: string, message: string, told: Record<string, unknown>): string | null {
  const [sentence, details]: [string | undefined, Record<string, unknown>] = [SENTENCES[code], { ...told, message }];
  if (!sentence) return null;
  const names = [...sentence.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!);
  if (names.some((name) => details[name] === undefined)) return null;
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]));
}
