"""The usual categories of special care, with their visit intervals; every number may be changed afterwards"""

import sqlalchemy as sa
import uuid_utils.compat
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Elders and others: high risk weekly, key ones monthly, the others quarterly (one region's rule of 2022).
BY_RISK = {"HIGH": 7, "KEY": 30, "GENERAL": 90}
# Severe mental disorder: four visits a year at least; risk 3-5 within two weeks, 0 and well every three months.
BY_DISORDER_RISK = {"0": 90, "1": 60, "2": 60, "3": 14, "4": 14, "5": 14}
# Community detox: tested monthly in the first year, every second month in the second, every third in the third.
BY_DETOX_YEAR = {"1": 30, "2": 60, "3": 90, "KEY": 30, "GENERAL": 90}

# Code, Chinese name, English name, days between visits, days by level, sensitivity, skills of those who come.
CATEGORIES: tuple[tuple[object, ...], ...] = (
    ("ELDER_ALONE", "独居老人", "Elder living alone", 30, BY_RISK, "PERSONAL", []),
    ("ELDER_EMPTY_NEST", "空巢老人", "Empty-nest elder", 30, BY_RISK, "PERSONAL", []),
    ("ELDER_SPECIAL_DIFFICULTY", "特殊困难老人", "Elder with special difficulty", 30, BY_RISK, "SENSITIVE", []),
    ("LOST_ONLY_CHILD", "失独家庭", "Parent who lost the only child", 30, BY_RISK, "SENSITIVE", []),
    ("LEFT_BEHIND_CHILD", "留守儿童", "Left-behind child", 30, BY_RISK, "SENSITIVE", []),
    ("DISABLED", "残疾人", "Disabled person", 90, BY_RISK, "SENSITIVE", []),
    ("CHRONIC_ILLNESS", "重大慢性病患者", "Chronically ill person", 90, BY_RISK, "SENSITIVE", []),
    ("SEVERE_MENTAL_DISORDER", "严重精神障碍患者", "Severe mental disorder", 90, BY_DISORDER_RISK, "SEALED", []),
    ("COMMUNITY_DETOX", "社区戒毒康复人员", "Community detox and recovery", 30, BY_DETOX_YEAR, "SEALED", []),
)

care_categories = sa.table(
    "care_categories",
    sa.column("id", sa.Uuid()),
    sa.column("code", sa.Text()),
    sa.column("name", sa.Text()),
    sa.column("name_en", sa.Text()),
    sa.column("visit_every_days", sa.Integer()),
    sa.column("visit_days_by_level", JSONB()),
    sa.column("sensitivity", sa.Text()),
    sa.column("skills", sa.ARRAY(sa.Text())),
)


def upgrade() -> None:
    names = [column.name for column in care_categories.columns][1:]
    rows = [{"id": uuid_utils.compat.uuid7(), **dict(zip(names, row, strict=True))} for row in CATEGORIES]
    op.bulk_insert(care_categories, rows)


def downgrade() -> None:
    op.execute(sa.delete(care_categories).where(care_categories.c.code.in_([row[0] for row in CATEGORIES])))
