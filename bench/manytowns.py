"""Many towns side by side, made of one that was imported: its rows once more for each, moved, under ids of their own.

To import a million homes takes an hour; to copy what a map draws of them takes a minute or two. No people are copied.
"""

import math

import psycopg
from psycopg import sql

NEW_ID = "md5({}::text || town)::uuid"
MOVED = "ST_Translate({}, mod(town, {columns}) * {across}, (town / {columns}) * {up})"
CODE = "(100000 + town)::text || substr(code, 7)"
CHANGED = {
    "streets": {"id": "id + town * 10000000000", "geom": MOVED},
    "barriers": {"geom": MOVED},
    "map_features": {"geom": MOVED},
    "areas": {"id": NEW_ID, "parent_id": NEW_ID, "code": CODE, "boundary": MOVED, "label_point": MOVED},
    "households": {"id": NEW_ID, "grid_id": NEW_ID, "code": "code || '-' || town", "location": MOVED},
}
"""What of a row is another in the next town; numbers that PostgreSQL gives out are given out anew."""
APART = 1.02
COLUMNS = """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
AND attgenerated = '' AND attidentity = '' ORDER BY attnum"""


def multiply(url: str, towns: int) -> None:
    """Lay `towns` in a square, the one that is there in its south-western corner; `url` is that of a superuser."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no keys: the copies hold together
        connection.execute("DROP INDEX ix_households_address_trigram")  # of no map, and the slowest to fill
        across, up = _size(connection)
        given = {"columns": math.ceil(math.sqrt(towns)), "across": across * APART, "up": up * APART}
        for table, changed in CHANGED.items():
            values = {name: text.format(name, **given) for name, text in changed.items()}
            connection.execute(_copied(connection, table, values), [towns - 1])


def _size(connection: psycopg.Connection[tuple[float, float]]) -> tuple[float, float]:
    around = (
        "SELECT ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box) FROM (SELECT ST_Extent({}) AS box FROM {})"
    )
    sizes = [
        connection.execute(
            sql.SQL(around + " AS extent").format(sql.Identifier(column), sql.Identifier(table))
        ).fetchone()
        for table, column in (("streets", "geom"), ("areas", "boundary"), ("map_features", "geom"))
    ]
    found = [size for size in sizes if size]
    return max(size[0] for size in found), max(size[1] for size in found)


def _copied(connection: psycopg.Connection[tuple[float, float]], table: str, values: dict[str, str]) -> sql.Composed:
    names = [str(row[0]) for row in connection.execute(COLUMNS, [table])]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}, generate_series(1, %s) AS town").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.SQL(values.get(name, f'"{name}"')) for name in names),
        sql.Identifier(table),
    )
