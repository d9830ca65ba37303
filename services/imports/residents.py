"""People: names, phones and identity numbers are sealed before the store sees them; who lives where is a dated span."""

from collections.abc import Sequence
from typing import Any

from services import clock
from services.contents import Content
from services.imports import staging
from services.imports.columns import Column
from services.imports.identity_numbers import birth_date, checked_number, is_male
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target, merge
from services.imports.residences import settle
from services.imports.sealed import Sealed, resealed, stored_sealed
from services.imports.tables import TableImport
from services.imports.values import Cell, code, day, one_of, plain, telephone, text, yes
from services.models import Sex, new_id

NAME, PHONE, IDENTITY = "residents.name", "residents.phone", "residents.identity"
SEALED_COLUMNS = ("name_sealed", "phone_sealed", "identity_sealed")
SEXES = {"女": Sex.FEMALE, "男": Sex.MALE, "未说明": Sex.UNSTATED}

TARGET = Target(
    table="residents",
    match="t.code = s.code",
    fields=(
        Field("code", "s.code", "code"),
        Field("sex", "coalesce(s.sex, 'UNSTATED')", "sex"),
        Field("birth_date", "s.birth_date", "birth_date"),
        Field("mobile", "coalesce(s.mobile, false)", "mobile"),
        Field("data_key", "s.data_key", "code", compared=False),
        Field("name_sealed", "s.name_sealed", "name"),
        Field("name_index", "s.name_index", "name", compared=False),
        Field("phone_sealed", "s.phone_sealed", "phone"),
        Field("phone_index", "s.phone_index", "phone", compared=False),
        Field("identity_sealed", "s.identity_sealed", "identity_number"),
        Field("identity_index", "s.identity_index", "identity_number", compared=False),
    ),
    new=(("restricted", "false"), ("created_at", "%(now)s")),
)


def identity_number(cell: Cell) -> str:
    """An identity number with its check character right."""
    return checked_number(plain(cell))


class ResidentImport(TableImport):
    """People by their code (人员编号)."""

    kind = "residents"
    contents = (Content.HOMES,)
    columns = (
        Column("code", "人员编号", code(), "P000001", required=True, also=("居民编号",)),
        Column("household_code", "户号", code(), "529901001001-0001", required=True, also=("户编号",)),
        Column("name", "姓名", text(80), "甲某某", required=True),
        Column("sex", "性别", one_of(Sex, SEXES), "女"),
        Column("birth_date", "出生日期", day, "1950-03-07"),
        Column(
            "identity_number",
            "身份证号",
            identity_number,
            "52990119500307002X",
            also=("身份证号码", "身份证", "id_number"),
        ),
        Column("phone", "电话", telephone, "13800000001", also=("手机", "联系电话")),
        Column("relation", "与户主关系", text(20), "户主", also=("关系",)),
        Column("since", "入住日期", day, "2010-05-01"),
        Column("mobile", "流动人口", yes, "否"),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "residence_id": "uuid",
        "joined_id": "uuid",
        "left_id": "uuid",
        "code": "text",
        "household_code": "text",
        "sex": "text",
        "birth_date": "date",
        "relation": "text",
        "since": "date",
        "mobile": "boolean",
        "data_key": "bytea",
        "name_sealed": "bytea",
        "phone_sealed": "bytea",
        "identity_sealed": "bytea",
        "name_index": "bytea",
        "phone_index": "bytea",
        "identity_index": "bytea",
    }

    def refine(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        """Those whose identity number agrees with the rest; what is stored of them is fetched."""
        good = [row for row in rows if _agrees(job, row)]
        codes = [row.values["code"] for row in good]
        self.stored: dict[object, Sealed] = stored_sealed(job, "residents", "code", codes, SEALED_COLUMNS)
        return good

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says: nothing readable of the person but sex, birth date and relation."""
        get = row.values.get
        fields = {NAME: get("name"), PHONE: get("phone"), IDENTITY: get("identity_number")}
        data_key, sealed = resealed(job.keyring, fields, self.stored.get(get("code")))
        indexes = [job.keyring.index(place, value) for place, value in fields.items()]
        plainly = (get("sex"), get("birth_date"), get("relation"), get("since"), get("mobile"))
        ids = (new_id(), new_id(), new_id(), new_id())
        return (*ids, get("code"), get("household_code"), *plainly, data_key, *sealed, *indexes)

    def check(self, job: Job) -> None:
        """Codes and identity numbers that come twice, households that are not there."""
        staging.refuse_repeated(job.cursor, ("code",), "code")
        reason = "'The household is not in the store, or is closed. Import the households first, or mend the code.'"
        staging.refuse_where(
            job.cursor,
            "household_code",
            "HOUSEHOLD_UNKNOWN",
            reason,
            "staged_rows s LEFT JOIN households h ON h.code = s.household_code AND h.closed_at IS NULL"
            " WHERE h.id IS NULL",
        )
        staging.refuse_repeated(job.cursor, ("identity_index",), "identity_number")
        taken = "'The identity number stands with another person too. Is it one person under two codes?'"
        staging.refuse_where(
            job.cursor,
            "identity_number",
            "IDENTITY_TAKEN",
            taken,
            "staged_rows s JOIN residents r ON r.identity_index = s.identity_index AND r.code <> s.code"
            " AND r.merged_into_id IS NULL",
        )
        staging.refuse_where(
            job.cursor,
            "since",
            "SINCE_TOO_EARLY",
            "'The person moved into the household before on ' || r.since || '. Give a later date.'",
            "staged_rows s JOIN residents p ON p.code = s.code JOIN residences r ON r.resident_id = p.id"
            " AND r.until IS NULL JOIN households h ON h.code = s.household_code"
            " WHERE h.id <> r.household_id AND s.since < r.since",
        )

    def merge(self, job: Job) -> None:
        """The people, then where they live."""
        merge(job.cursor, TARGET, job.present, {"now": job.now})
        settle(job, clock.today())


def _agrees(job: Job, row: Row) -> bool:
    """Birth date and sex follow from the identity number; what is written beside it must not differ."""
    number = row.get("identity_number")
    if number is None:
        return True
    born, sex = birth_date(number), Sex.MALE if is_male(number) else Sex.FEMALE
    if row.get("birth_date") not in (None, born):
        job.refuse(row, "birth_date", "BIRTH_DATE_UNFIT", "The identity number carries another day. Mend one of them.")
        return False
    if row.get("sex") not in (None, sex.value, Sex.UNSTATED.value):
        job.refuse(row, "sex", "SEX_UNFIT", "The identity number carries another sex. Mend one of them.")
        return False
    row.values["birth_date"] = born
    row.values["sex"] = row.get("sex") or sex.value
    return True
