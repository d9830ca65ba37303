"""The roles and databases of the private cluster."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from services.cluster_files import APP, OWNER

DATABASE = "linli"
READS_BY_DEFAULT = """SELECT FROM pg_default_acl WHERE defaclrole = %s::regrole AND defaclobjtype = 'r'"""
APP_READS_WHAT_MIGRATES = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT SELECT ON TABLES TO {}")
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist", "pgcrypto")
BOXES_TELL_NOTHING = "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"
"""Two boxes are compared and nothing is said of either: so an index of places may be asked before row-level security,
which otherwise reads every row of the table first. Only a superuser may say so."""


def provision(maintenance_url: str, database_url: str, passwords: Mapping[str, str]) -> None:
    """Make our roles and our database where they are missing; a call cut off is made good by the next one."""
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        for role in (OWNER, APP):
            _role(connection, role, passwords[role])
        _database(connection, DATABASE)
    equip(database_url)


def create_database(maintenance_url: str, database_url: str, name: str, template: str | None = None) -> None:
    """A further database of the owner's: empty but for the extensions, or a copy of `template`."""
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        _database(connection, name, template)
    if template is None:
        equip(database_url)


def drop_database(maintenance_url: str, name: str) -> None:
    """Take a database away, whoever is still connected to it."""
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def equip(database_url: str) -> None:
    """Give the database what only a superuser may: PostGIS and its companions, and reading for the server's role.

    The server's role gets no more than reading here, for the table that tells the revision; migrations give the rest.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        for name in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        connection.execute(BOXES_TELL_NOTHING)
        # Said once only: a second process that starts while the first one migrates would write the same row.
        if not connection.execute(READS_BY_DEFAULT, [OWNER]).rowcount:
            connection.execute(APP_READS_WHAT_MIGRATES.format(sql.Identifier(OWNER), sql.Identifier(APP)))


def _role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount
    if not known:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )


def _database(connection: psycopg.Connection[tuple[object, ...]], name: str, template: str | None = None) -> None:
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(*map(sql.Identifier, (name, APP)))
    )
