"""What follows from the answers of a self-assessment (S10), as data: a sentence, a law, and where to take it next.

Laws are named as they stand in 2026: 民法典 (Civil Code), 人民调解法, 劳动争议调解仲裁法, 劳动合同法,
消费者权益保护法, 反家庭暴力法, and the Supreme Court's provisions on private lending. Rules only point to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.cases.dispute_questions import Step, Topic


@dataclass(frozen=True, slots=True)
class Rule:
    """When all of `when` was answered so, this is said, with the law behind it, and perhaps a step is asked for."""

    when: Mapping[str, str]
    says: str
    law: str = ""
    step: Step | None = None


ALWAYS = (
    Rule({"DANGER": "YES"}, "先保证人身安全，立即拨打110；之后再谈纠纷。", step=Step.POLICE),
    Rule(
        {"EVIDENCE": "NONE"}, "先补证据：整理时间、金额和经过，保存聊天和转账记录，请对方书面确认。", step=Step.CONSULT
    ),
    Rule({"EVIDENCE": "WITNESS"}, "请证人写下所见并留下联系方式；只有证言时，调解比诉讼稳妥。", step=Step.MEDIATE),
    Rule({"EVIDENCE": "MESSAGES"}, "保留原始手机和完整聊天、转账记录，截图要能看出双方和时间。"),
    Rule({"EVIDENCE": "WRITTEN"}, "带上书面材料原件，复印一份交调解员。"),
    Rule(
        {"WILLING": "YES"},
        "双方愿意谈，建议调解：不收费，达成协议后可申请司法确认。",
        "人民调解法第四条、第三十三条",
        Step.MEDIATE,
    ),
    Rule({"WILLING": "UNKNOWN"}, "先由调解员出面询问对方；对方同意即可安排。", "人民调解法第十七条", Step.MEDIATE),
    Rule(
        {"WILLING": "NO"},
        "对方明确拒绝时不能强行调解，可以起诉；起诉后仍可随时调解。",
        "人民调解法第十七条",
        Step.LITIGATE,
    ),
)
BARRED = Rule(
    {"AGE": "LONGER"},
    "普通诉讼时效为三年，可能已过；催要、对方同意履行、起诉都会使其重新计算，请核对。",
    "民法典第一百八十八条、第一百九十五条",
)

RULES: Mapping[Topic, tuple[Rule, ...]] = {
    Topic.HOUSE_LEASE: (
        Rule(
            {"LEASE": "ORAL"}, "租期六个月以上而没有书面合同、又无法确定租期的，视为不定期租赁。", "民法典第七百零七条"
        ),
        Rule({"ABOUT": "RENT"}, "可以要求在合理期限内付清；逾期不付，出租人可以解除合同。", "民法典第七百二十二条"),
        Rule(
            {"ABOUT": "REPAIR"},
            "除另有约定外由出租人维修；不修的，承租人可以自行维修，费用由出租人负担。",
            "民法典第七百一十二条、第七百一十三条",
        ),
        Rule({"ABOUT": "SUBLET"}, "未经出租人同意转租的，出租人可以解除合同。", "民法典第七百一十六条"),
        Rule({"ABOUT": "DEPOSIT"}, "押金按约定退还；扣除的每一笔都应有损坏或欠费的依据。", "民法典第五百零九条"),
    ),
    Topic.BUSINESS: (
        Rule(
            {"PARTNERS": "PARTNERS", "ABOUT": "PROFIT"},
            "没有约定的，先协商，再按实缴出资比例，仍不能确定的平均分担。",
            "民法典第九百七十二条",
        ),
        Rule(
            {"PARTNERS": "PARTNERS", "ABOUT": "EXIT"},
            "没有约定期限的合伙可以随时解除，但要提前合理时间通知。",
            "民法典第九百七十六条",
        ),
        Rule(
            {"ABOUT": "GOODS"}, "对账并书面确认数量、价款和付款日期，再谈分期。", "民法典第五百零九条、第五百七十九条"
        ),
    ),
    Topic.CONTRACT: (
        Rule({"BREACH": "NOT_DONE"}, "可以要求继续履行、采取补救措施或者赔偿损失。", "民法典第五百七十七条"),
        Rule({"BREACH": "LATE"}, "催告后在合理期限内仍不履行的，可以解除合同。", "民法典第五百六十三条"),
        Rule({"BREACH": "POOR"}, "可以要求修理、重作、更换、退货或者减少价款。", "民法典第五百八十二条"),
        Rule({"PENALTY": "YES"}, "违约金过分高于损失的，可以请求适当减少。", "民法典第五百八十五条"),
    ),
    Topic.LOAN: (
        Rule({"LENT": "CASH"}, "自然人之间的借款自提供借款时成立：现金交付要有收条或者证人。", "民法典第六百七十九条"),
        Rule({"INTEREST": "NONE"}, "没有约定利息的，视为没有利息。", "民法典第六百八十条"),
        Rule({"INTEREST": "HIGH"}, "超过合同成立时一年期LPR四倍的部分，不受保护。", "最高法民间借贷规定第二十五条"),
    ),
    Topic.LABOUR: (
        Rule({}, "劳动争议要先申请劳动仲裁，对裁决不服才能起诉。", "劳动争议调解仲裁法第五条"),
        Rule(
            {"WILLING": "NO"},
            "向用人单位所在地或者合同履行地的劳动争议仲裁委员会申请仲裁。",
            "劳动争议调解仲裁法第二十一条",
            Step.ARBITRATE,
        ),
        Rule({"AGE": "THREE"}, "申请仲裁的时效为一年，可能已过；请尽快核对有无中断。", "劳动争议调解仲裁法第二十七条"),
        Rule({"AGE": "LONGER"}, "申请仲裁的时效为一年，可能已过；请尽快核对有无中断。", "劳动争议调解仲裁法第二十七条"),
        Rule(
            {"ABOUT": "WAGES", "EMPLOYED": "YES"},
            "在职期间因拖欠工资申请仲裁，不受一年限制。",
            "劳动争议调解仲裁法第二十七条",
        ),
        Rule({"ABOUT": "CONTRACT"}, "用工超过一个月不满一年没有书面合同的，应当支付二倍工资。", "劳动合同法第八十二条"),
        Rule(
            {"ABOUT": "DISMISSAL"},
            "核对解除理由；违法解除的，可以要求继续履行或者赔偿金。",
            "劳动合同法第四十八条、第八十七条",
        ),
    ),
    Topic.NEIGHBOURS: (
        Rule({}, "相邻各方应当有利生产、方便生活、团结互助、公平合理。", "民法典第二百八十八条"),
        Rule({"ABOUT": "PASSAGE"}, "因通行必须利用相邻土地的，应当提供必要的便利。", "民法典第二百九十一条"),
        Rule(
            {"ABOUT": "LIGHT"}, "建造不得违反工程建设标准，妨碍相邻建筑物的通风、采光和日照。", "民法典第二百九十三条"
        ),
        Rule({"ABOUT": "NOISE"}, "不得违反规定排放噪声和有害物质；可以请社区到场查看。", "民法典第二百九十四条"),
        Rule(
            {"ABOUT": "WATER"},
            "请物业或者社区一同查明渗水来源，留下照片和记录，再谈修复和赔偿。",
            "民法典第二百九十六条",
        ),
    ),
    Topic.FAMILY: (
        Rule(
            {"VIOLENCE": "YES"},
            "可以向法院申请人身安全保护令；无法自行申请的，居民委员会可以代为申请。",
            "反家庭暴力法第二十三条",
            Step.POLICE,
        ),
        Rule(
            {"ABOUT": "DIVORCE"},
            "协议离婚有三十日的冷静期；诉讼离婚，法院应当先行调解。",
            "民法典第一千零七十七条、第一千零七十九条",
        ),
        Rule(
            {"ABOUT": "SUPPORT"}, "父母有权要求成年子女给付赡养费，未成年子女有权要求抚养费。", "民法典第一千零六十七条"
        ),
        Rule(
            {"ABOUT": "INHERITANCE"}, "继承问题应当本着互谅互让、和睦团结的精神协商处理。", "民法典第一千一百三十二条"
        ),
    ),
    Topic.PROPERTY_SERVICE: (
        Rule(
            {"ABOUT": "FEES"},
            "已按约定提供服务的，业主不得以未接受或者无需接受为由拒付物业费。",
            "民法典第九百四十四条",
        ),
        Rule(
            {"ABOUT": "SERVICE"},
            "物业应当维护共有部分、环境卫生和秩序；记下时间和照片，请社区核实。",
            "民法典第九百四十二条",
        ),
        Rule({"ABOUT": "BUILDING"}, "装饰装修应当事先告知物业，遵守合理的注意事项。", "民法典第九百四十五条"),
    ),
    Topic.INJURY: (
        Rule(
            {"CAUSE": "PERSON"},
            "因过错造成损害的应当承担责任；双方都有过错的，可以减轻。",
            "民法典第一千一百六十五条、第一千一百七十三条",
        ),
        Rule(
            {"CAUSE": "ANIMAL"},
            "饲养人或者管理人应当承担责任，除非被侵权人故意或者重大过失。",
            "民法典第一千二百四十五条",
        ),
        Rule(
            {"CAUSE": "OBJECT"},
            "由侵权人承担责任；经调查难以确定的，由可能加害的使用人补偿。请先报警。",
            "民法典第一千二百五十四条",
        ),
        Rule(
            {"TREATED": "NO"},
            "请先就医并保存病历和票据：赔偿按实际支出计算。",
            "民法典第一千一百七十九条",
            Step.CONSULT,
        ),
    ),
    Topic.CONSUMER: (
        Rule({"BOUGHT": "ONLINE"}, "一般可在收货之日起七日内无理由退货。", "消费者权益保护法第二十五条"),
        Rule({"DECEIVED": "YES"}, "有欺诈的，可以要求三倍赔偿，不足五百元的为五百元。", "消费者权益保护法第五十五条"),
        Rule({"WILLING": "NO"}, "可以向12315投诉，由市场监管部门调解。", "消费者权益保护法第三十九条", Step.MEDIATE),
    ),
}


def rules(topic: Topic) -> tuple[Rule, ...]:
    """The rules that may apply, the most telling last: what they ask for outweighs what was asked for before."""
    barred = () if topic is Topic.LABOUR else (BARRED,)
    return (*ALWAYS, *barred, *RULES[topic])
