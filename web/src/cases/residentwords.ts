// What the resident's page says, in Chinese and English; and what a refusal means to somebody who is no clerk.

import { Refused } from "../api";
import type { Language } from "../types";

const WORDS = {
  title: ["小红哨", "Little red whistle"],
  intro: ["有事吹哨：说一声，网格员马上知道。", "Something wrong? Say it here: your grid worker knows at once."],
  raise: ["我要吹哨", "Raise a matter"],
  follow: ["查进度、评价", "Follow and rate"],
  back: ["返回", "Back"],
  leave: ["退出并清除", "Leave and clear"],
  other: ["English", "中文"],
  kind: ["哪一类事", "What kind of matter"],
  subject: ["什么事（标题，不写人名）", "What is it? (a title, no names)"],
  description: ["说详细些（可不填，加密保存）", "More, in your own words (optional, encrypted)"],
  where: ["在哪里", "Where is it"],
  here: ["用我现在的位置", "Use where I am now"],
  hereIs: ["已取得位置", "Your position is taken"],
  byNotice: ["已按您扫的公告牌定位", "The place is that of the notice that you scanned"],
  whereHint: ["不能定位？请扫楼道公告牌上的二维码打开本页。", "No position? Open this page by the code on the notice at your door."],
  noPosition: ["取不到位置。请允许定位，或扫楼道公告牌上的二维码。", "There is no position. Allow it, or scan the code on the notice at your door."],
  consent: ["我同意由代理人为我办理（可随时撤回）", "I agree that an agent speaks for me (I may revoke it at any time)"],
  reach: ["怎么联系您", "How we reach you"],
  phone: ["手机号", "Your phone number"],
  send: ["发送验证码", "Send me a code"],
  sent: ["验证码已发送，十分钟内有效。", "The code is on its way; good for ten minutes."],
  code: ["六位验证码", "The code of six digits"],
  whistle: ["吹哨", "Whistle"],
  done: ["已收到，请记下：", "Received. Please write down:"],
  number: ["编号", "Number"],
  tracking: ["查询码", "Tracking code"],
  keepHint: ["查询码只显示这一次，凭编号和查询码查进度。", "The tracking code is shown this once. With the two you can follow the matter."],
  look: ["查看进度", "Follow it"],
  state: ["现在", "Now"],
  owner: ["由谁办理", "Who has it"],
  acceptDue: ["应受理于", "To be accepted by"],
  closeDue: ["应办结于", "To be closed by"],
  noDue: ["没有正在计时的期限", "No clock is running"],
  timeline: ["经过", "What happened"],
  again: ["刷新", "Look again"],
  rating: ["处理得怎么样？", "Are you content?"],
  content: ["满意", "Yes, content"],
  notContent: ["不满意", "No, not content"],
  comment: ["想说的话（可不填）", "In your own words (optional)"],
  ratingHint: ["不满意会重新办理，或上报上一级。", "If not, it is opened again, or goes one rung up."],
  thanks: ["已记下您的评价。", "Your rating is written down."],
  reopened: ["已重新办理。", "The matter is open again."],
  photo: ["添加照片或 PDF", "Add a photo or a PDF"],
  photoSent: ["已添加。", "It is added."],
  files: ["您发来的照片和文件", "What you have sent"],
  answer: ["答复", "The answer"],
  revoke: ["撤回委托", "Revoke my consent"],
  revokeWhy: ["为什么撤回？", "Why?"],
  vote: ["大家投票", "Vote for your home"],
  voteNumber: ["议事编号（见公告）", "Number of the decision (on the notice)"],
  readVote: ["查看", "Read it"],
  secret: ["无记名", "secret ballot"],
  openVote: ["记名", "open vote"],
  until: ["截止", "until"],
  voted: ["已投户数", "Homes that voted"],
  quorum: ["已达三分之二", "two thirds reached"],
  noQuorum: ["须三分之二以上的户参加", "two thirds of the homes must take part"],
  choose: ["您家的选择", "Your home is for"],
  voteHint: ["一户一票，投后不能更改。用住户档案里登记的成年人手机号。", "One home, one vote, not to be changed. By the phone of a grown-up, as it is in your home's file."],
  castVote: ["投票", "Vote"],
  voteKept: ["您家的一票已记下。", "The vote of your home is kept."],
  offline: ["连不上服务器，请稍后再试。您写的内容还在。", "The server cannot be reached. Try again; what you wrote is still here."],
} as const;

const REFUSALS: Record<string, readonly [string, string]> = {
  CODE_WRONG: ["验证码不对或已过期，请重新获取。", "The code is not right, or its ten minutes are over. Ask for another."],
  TOO_MANY_CODES: ["十分钟内已发送三次，请稍后再试。", "Three codes were sent within ten minutes. Wait a little."],
  PHONE_UNFIT: ["手机号不对，请检查。", "This is not a phone number."],
  NOT_FOUND: ["编号或查询码不对。", "The number or the code is not right."],
  PLACE_NEEDED: ["请说明在哪里：用当前位置，或扫公告牌上的二维码；位置要在本区网格内。", "Say where: your position, or the code on the notice; inside a grid of this district."],
  SUBJECT_UNFIT: ["标题要 2 到 120 个字。", "The title has 2 to 120 characters."],
  DESCRIPTION_TOO_LONG: ["说明太长了。", "The description is too long."],
  CONSENT_NEEDED: ["这类事项需要您同意代理。", "This kind of matter needs your consent."],
  CASE_NOT_NOW: ["现在不能这样做，情况已有变化。", "This cannot be done now: things have changed."],
  CASE_IS_PAUSED: ["事项暂停中。", "The matter is paused."],
  HOME_NOT_KNOWN: ["这个手机号对不上唯一一户，请让网格员上门代录。", "By this phone your home is not known for certain. Your grid worker takes the vote at the door."],
  ALREADY_VOTED: ["您家已经投过票了，一户一票。", "Your home has voted already; one home, one vote."],
  NO_VOTE_NOW: ["现在没有投票。", "No vote is being held now."],
  FILE_TOO_LARGE: ["文件太大了，请换小一些的。", "The file is too large. Send a smaller one."],
  FILE_KIND_REFUSED: ["只收照片（JPEG、PNG、WebP）和 PDF。", "Only photos (JPEG, PNG, WebP) and PDFs are taken."],
  FILE_EMPTY: ["文件是空的。", "The file is empty."],
  TOO_MANY_FILES: ["这件事已有太多文件。", "There are too many files with this matter already."],
  CASE_ENDED: ["这件事已结束，不能再添加。", "The matter is over: nothing can be added."],
  FIELDS_INVALID: ["有一项没填对，请检查。", "Something in the form is not right."],
};

export type Word = keyof typeof WORDS;

export function tell(word: Word, language: Language): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}

export function problemText(problem: unknown, language: Language): string {
  if (!(problem instanceof Refused)) return tell("offline", language);
  return REFUSALS[problem.code]?.[language === "zh" ? 0 : 1] ?? problem.message;
}
