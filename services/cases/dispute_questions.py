"""The self-assessment of a dispute (S10) as data: ten kinds of dispute, and what each is asked. What follows from the
answers is in `dispute_rules`; `dispute_opinions` prints the opinion.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Topic(enum.StrEnum):
    """The ten kinds of dispute."""

    HOUSE_LEASE = "HOUSE_LEASE"
    BUSINESS = "BUSINESS"
    CONTRACT = "CONTRACT"
    LOAN = "LOAN"
    LABOUR = "LABOUR"
    NEIGHBOURS = "NEIGHBOURS"
    FAMILY = "FAMILY"
    PROPERTY_SERVICE = "PROPERTY_SERVICE"
    INJURY = "INJURY"
    CONSUMER = "CONSUMER"


class Step(enum.StrEnum):
    """Where a dispute is best taken next: the funnel of S10, and arbitration, which the law puts first for labour."""

    CONSULT = "CONSULT"
    MEDIATE = "MEDIATE"
    ARBITRATE = "ARBITRATE"
    LITIGATE = "LITIGATE"
    POLICE = "POLICE"


TOPICS = {
    Topic.HOUSE_LEASE: "房屋租赁",
    Topic.BUSINESS: "经营",
    Topic.CONTRACT: "合同",
    Topic.LOAN: "借贷",
    Topic.LABOUR: "劳动",
    Topic.NEIGHBOURS: "邻里",
    Topic.FAMILY: "婚姻家庭",
    Topic.PROPERTY_SERVICE: "物业服务",
    Topic.INJURY: "人身损害",
    Topic.CONSUMER: "消费",
}
STEPS = {
    Step.CONSULT: "先咨询、补充证据",
    Step.MEDIATE: "申请调解",
    Step.ARBITRATE: "申请劳动仲裁",
    Step.LITIGATE: "向法院起诉",
    Step.POLICE: "立即报警",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One multiple-choice question; `choices` from code to words."""

    code: str
    text: str
    choices: Mapping[str, str]


YES_NO = {"YES": "是", "NO": "否"}
SAFE = Question("DANGER", "是否有人身危险或者暴力威胁？", YES_NO)
EVIDENCE = Question(
    "EVIDENCE",
    "手上有什么证据？",
    {"WRITTEN": "书面合同、票据", "MESSAGES": "聊天、转账记录", "WITNESS": "只有证人", "NONE": "没有"},
)
AGE = Question("AGE", "知道权利受损有多久了？", {"YEAR": "一年以内", "THREE": "一至三年", "LONGER": "三年以上"})
WILLING = Question("WILLING", "对方愿意坐下来谈吗？", {"YES": "愿意", "NO": "不愿意", "UNKNOWN": "还没问过"})
COMMON = (SAFE, EVIDENCE, AGE, WILLING)

OWN: Mapping[Topic, tuple[Question, ...]] = {
    Topic.HOUSE_LEASE: (
        Question("LEASE", "租赁合同的形式？", {"WRITTEN": "书面", "ORAL": "口头"}),
        Question("ABOUT", "争的是什么？", {"RENT": "拖欠租金", "REPAIR": "维修", "SUBLET": "转租", "DEPOSIT": "押金"}),
    ),
    Topic.BUSINESS: (
        Question("PARTNERS", "各方是什么关系？", {"PARTNERS": "合伙", "COMPETITORS": "同行", "SUPPLIER": "供货"}),
        Question("ABOUT", "争的是什么？", {"PROFIT": "盈亏分担", "EXIT": "退伙散伙", "GOODS": "货款"}),
    ),
    Topic.CONTRACT: (
        Question("BREACH", "对方怎样违约？", {"NOT_DONE": "没有履行", "LATE": "迟延", "POOR": "不合约定"}),
        Question("PENALTY", "违约金是否明显过高？", YES_NO),
    ),
    Topic.LOAN: (
        Question("LENT", "钱是怎样给的？", {"TRANSFER": "转账", "CASH": "现金"}),
        Question("INTEREST", "利息怎样约定？", {"NONE": "没有约定", "FAIR": "不超过四倍LPR", "HIGH": "超过四倍LPR"}),
    ),
    Topic.LABOUR: (
        Question("ABOUT", "争的是什么？", {"WAGES": "拖欠工资", "CONTRACT": "没有书面合同", "DISMISSAL": "解除"}),
        Question("EMPLOYED", "还在该单位工作吗？", YES_NO),
    ),
    Topic.NEIGHBOURS: (
        Question(
            "ABOUT", "争的是什么？", {"PASSAGE": "通行", "LIGHT": "通风采光", "NOISE": "噪声气味", "WATER": "渗水"}
        ),
    ),
    Topic.FAMILY: (
        Question("ABOUT", "争的是什么？", {"DIVORCE": "离婚", "SUPPORT": "赡养抚养", "INHERITANCE": "继承"}),
        Question("VIOLENCE", "是否有家庭暴力？", YES_NO),
    ),
    Topic.PROPERTY_SERVICE: (
        Question("ABOUT", "争的是什么？", {"FEES": "物业费", "SERVICE": "服务质量", "BUILDING": "装修、公共部位"}),
    ),
    Topic.INJURY: (
        Question("CAUSE", "怎样造成的？", {"PERSON": "他人行为", "ANIMAL": "饲养动物", "OBJECT": "高空抛物坠物"}),
        Question("TREATED", "是否已就医并留存单据？", YES_NO),
    ),
    Topic.CONSUMER: (
        Question("BOUGHT", "怎样购买？", {"SHOP": "门店", "ONLINE": "网络、电视、电话"}),
        Question("DECEIVED", "经营者是否有欺诈？", YES_NO),
    ),
}


def questions(topic: Topic) -> tuple[Question, ...]:
    """What a dispute of this kind is asked: its own questions, then those that are asked of all."""
    return (*OWN[topic], *COMMON)
