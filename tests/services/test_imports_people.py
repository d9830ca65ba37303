"""People and their care: sealed, dated, checked, and the same file twice."""

from services.imports.residents import IDENTITY, NAME, PHONE
from tests.services.county import WEST, County

# Check characters (GB 11643), 52990119500307 + 002, 003, 001 and 529901198001010017's: see test_imports_values.
PEOPLE = """人员编号,户号,姓名,性别,出生日期,身份证号,电话,与户主关系,入住日期,流动人口
P1,H1,甲一,女,1950-03-07,52990119500307002X,154 1000 0001,户主,2010-05-01,否
P2,H1,甲二,男,,,,配偶,2012/1/1,是
"""
OPENED = "SELECT data_key, name_sealed, phone_sealed, identity_sealed FROM residents WHERE code = %s"
LIVES = (
    "SELECT p.code, h.code, r.relation, r.since::text, r.until::text FROM residences r JOIN residents p"
    " ON p.id = r.resident_id JOIN households h ON h.id = r.household_id ORDER BY p.code, r.since"
)


def test_names_phones_and_numbers_are_sealed(housed: County) -> None:
    """Nothing readable is stored; with the key it is, and the blind index finds it."""
    assert housed.bring("residents", PEOPLE).counts.added == 2
    ((data_key, name, phone, identity),) = housed.ask(OPENED, "P1")
    opened = [
        housed.keyring.open(bytes(data_key), place, bytes(sealed))
        for place, sealed in ((NAME, name), (PHONE, phone), (IDENTITY, identity))
    ]
    assert opened == ["甲一", "154 1000 0001", "52990119500307002X"]
    assert "甲一".encode() not in bytes(name)
    by_index = housed.ask("SELECT code FROM residents WHERE name_index = %s", housed.keyring.index(NAME, "甲一"))
    assert by_index == [("P1",)]
    plain = "SELECT code, sex, birth_date::text, mobile FROM residents ORDER BY code"
    assert housed.ask(plain) == [("P1", "FEMALE", "1950-03-07", False), ("P2", "MALE", None, True)]
    assert housed.ask(OPENED, "P2")[0][2:] == (None, None)


def test_who_joined_is_an_event_without_a_name(housed: County) -> None:
    """Only the id, the relation and the day."""
    housed.bring("residents", PEOPLE)
    events = "SELECT after->>'relation', after->>'since', after - 'resident_id' - 'relation' - 'since' FROM"
    assert housed.ask(f"{events} household_events WHERE kind = 'JOINED' ORDER BY id") == [
        ("户主", "2010-05-01", {}),
        ("配偶", "2012-01-01", {}),
    ]


def test_the_same_people_again_change_nothing(housed: County) -> None:
    """Not a byte of what is sealed."""
    housed.bring("residents", PEOPLE)
    before = housed.ask(OPENED, "P1")
    counts = housed.bring("residents", PEOPLE).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 2)
    assert housed.ask(OPENED, "P1") == before
    assert housed.one("SELECT count(*) FROM household_events WHERE kind <> 'CREATED'") == 2


def test_a_move_ends_one_span_and_begins_another(housed: County) -> None:
    """P2 goes to H2 on the first of June; both homes get an event, P1 only another phone."""
    housed.bring("residents", PEOPLE)
    moved = PEOPLE.replace("P2,H1", "P2,H2").replace("2012/1/1", "20260601").replace("0001,户主", "0009,户主")
    counts = housed.bring("residents", moved).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 2, 0)
    assert housed.ask(LIVES) == [
        ("P1", "H1", "户主", "2010-05-01", None),
        ("P2", "H1", "配偶", "2012-01-01", "2026-06-01"),
        ("P2", "H2", "配偶", "2026-06-01", None),
    ]
    events = (
        "SELECT h.code, e.kind FROM household_events e JOIN households h ON h.id = e.household_id"
        " WHERE e.kind IN ('LEFT', 'JOINED') ORDER BY e.at, e.kind DESC, h.code"
    )
    assert housed.ask(events) == [("H1", "JOINED"), ("H1", "JOINED"), ("H1", "LEFT"), ("H2", "JOINED")]
    ((data_key, name, phone, _),) = housed.ask(OPENED, "P1")
    assert housed.keyring.open(bytes(data_key), PHONE, bytes(phone)) == "154 1000 0009"
    assert housed.keyring.open(bytes(data_key), NAME, bytes(name)) == "甲一"


def test_a_file_without_a_column_leaves_it_alone(housed: County) -> None:
    """The phone stays readable after the name was changed by a file that has no phones."""
    housed.bring("residents", PEOPLE)
    housed.bring("residents", "code,household_code,name\nP1,H1,甲三\n")
    ((data_key, name, phone, _),) = housed.ask(OPENED, "P1")
    opened = (
        housed.keyring.open(bytes(data_key), NAME, bytes(name)),
        housed.keyring.open(bytes(data_key), PHONE, bytes(phone)),
    )
    assert opened == ("甲三", "154 1000 0001")
    assert housed.ask(LIVES)[0] == ("P1", "H1", "户主", "2010-05-01", None)


def test_a_corrected_first_day_is_no_move(housed: County) -> None:
    """The span changes, nobody joins or leaves."""
    housed.bring("residents", PEOPLE)
    assert housed.bring("residents", PEOPLE.replace("2010-05-01", "2010-05-02")).counts.changed == 1
    assert housed.ask(LIVES)[0] == ("P1", "H1", "户主", "2010-05-02", None)
    assert housed.one("SELECT count(*) FROM household_events WHERE kind IN ('LEFT', 'JOINED')") == 2


def test_bad_people_are_told_without_quoting_them(housed: County) -> None:
    """Every fault by row and column; the run keeps no name, number or day."""
    housed.bring("residents", PEOPLE)
    text = """code,household_code,name,sex,birth_date,identity_number,phone,since
P3,H9,乙一,女,1960-01-01,,,
P4,H1,乙二,女,1950-03-08,52990119500307002X,,
P5,H1,乙三,男,,52990119500307002X,,
P6,H1,乙四,,,529901195003070021,,
P7,H1,乙五,,,52990119500307002X,,
P8,H1,,,1960-13-01,,12,
P2,H2,甲二,,,,,2011-01-01
"""
    outcome = housed.bring("residents", text)
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [
        (2, "household_code", "HOUSEHOLD_UNKNOWN"),
        (3, "birth_date", "BIRTH_DATE_UNFIT"),
        (4, "sex", "SEX_UNFIT"),
        (5, "identity_number", "IDENTITY_CHECKSUM"),
        (6, "identity_number", "IDENTITY_TAKEN"),
        (7, "birth_date", "DATE_FORM"),
        (7, "name", "VALUE_MISSING"),
        (7, "phone", "TELEPHONE_FORM"),
        (8, "since", "SINCE_TOO_EARLY"),
    ]
    kept = housed.one("SELECT problems::text FROM import_runs ORDER BY id DESC LIMIT 1")
    for value in ("乙", "5299011950", "1960", "1950"):
        assert value not in kept
    assert housed.one("SELECT count(*) FROM residents") == 2


def test_one_identity_number_is_one_person(housed: County) -> None:
    """In one file, too."""
    text = "code,household_code,name,identity_number\nP1,H1,a,52990119500307002X\nP2,H1,b,52990119500307002x\n"
    outcome = housed.bring("residents", text)
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(3, "identity_number", "DUPLICATE_IN_FILE")]


def test_birth_date_and_sex_follow_from_the_number(housed: County) -> None:
    """When they are not written beside it."""
    housed.bring("residents", "code,household_code,name,identity_number\nP1,H1,a,52990119500307002X\n")
    assert housed.ask("SELECT sex, birth_date::text FROM residents") == [("FEMALE", "1950-03-07")]


WORKERS = f"""code,name,role,area_code,longitude,latitude
W1,One,GRID_WORKER,{WEST},106.002,26.005
W2,Two,社工,{WEST},106.003,26.005
"""
CARE = """resident_code,category,level,consent_at,consent_by,review_due,notes,team
P1,独居老人,HIGH,2026-01-15,本人,2027-01-15,敲门请大声,W1;W2
P1,CHRONIC_ILLNESS,,,,,,W1
"""
RECORDS = (
    "SELECT c.code, r.level, r.consent_at::text, r.notes_sealed IS NULL,"
    " array_agg(w.code || ' ' || m.duty ORDER BY w.code)"
    " FROM care_records r JOIN care_categories c ON c.id = r.category_id LEFT JOIN care_team_members m"
    " ON m.care_record_id = r.id LEFT JOIN workers w ON w.id = m.worker_id GROUP BY c.code, r.id ORDER BY c.code"
)


def test_care_records_with_their_teams(housed: County) -> None:
    """By category code or name; notes are sealed; twice changes nothing; a team that shrinks does."""
    housed.bring("residents", PEOPLE)
    housed.bring("workers", WORKERS)
    assert housed.bring("care-records", CARE).counts.added == 2
    expected = [
        ("CHRONIC_ILLNESS", None, None, True, ["W1 GRID_WORKER"]),
        ("ELDER_ALONE", "HIGH", "2026-01-15", False, ["W1 GRID_WORKER", "W2 SOCIAL_WORKER"]),
    ]
    assert housed.ask(RECORDS) == expected
    ((data_key, notes),) = housed.ask("SELECT data_key, notes_sealed FROM care_records WHERE notes_sealed IS NOT NULL")
    assert housed.keyring.open(bytes(data_key), "care_records.notes", bytes(notes)) == "敲门请大声"
    assert housed.bring("care-records", CARE).counts.unchanged == 2
    counts = housed.bring("care-records", CARE.replace("W1;W2", "W2")).counts
    assert (counts.changed, counts.unchanged) == (1, 1)
    assert housed.ask(RECORDS)[1][4] == ["W2 SOCIAL_WORKER"]


def test_care_that_does_not_fit(housed: County) -> None:
    """Person, category, level, worker: each is named by its column."""
    housed.bring("residents", PEOPLE)
    text = """resident_code,category,level,team
P9,ELDER_ALONE,,
P1,ELDERS,,
P1,ELDER_ALONE,ENORMOUS,
P2,ELDER_ALONE,KEY,W9
P1,DISABLED,,
P1,DISABLED,,
"""
    outcome = housed.bring("care-records", text)
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [
        (2, "resident_code", "RESIDENT_UNKNOWN"),
        (3, "category", "CATEGORY_UNKNOWN"),
        (4, "level", "LEVEL_UNKNOWN"),
        (5, "team", "WORKER_UNKNOWN"),
        (7, "resident_code", "DUPLICATE_IN_FILE"),
    ]
    assert "ELDER_ALONE (独居老人)" in outcome.problems[1].reason
    assert housed.one("SELECT count(*) FROM care_records") == 0
