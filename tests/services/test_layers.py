"""The list of layers: complete, told in both languages, and safe to be added to."""

import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from services import layers, tiles
from services.access import Actor, Reach
from services.contents import Content
from services.errors import NotAllowed, NotFound
from services.layers import LAYERS, Layer
from services.models import Area, Call, Case, Household, Role, Terminal, Worker

GRIDS = (uuid.UUID(int=1),)
AREAS = (uuid.UUID(int=2),)
MANAGER = Actor(uuid.uuid4(), "m", frozenset({Role.MANAGER}), AREAS, finds=Reach(grid_ids=GRIDS), grid_ids=GRIDS)
PLANNER = replace(MANAGER, roles=frozenset({Role.PLANNER}))
VERSIONS = dict.fromkeys(Content, 1)


def tables(layer: Layer, actor: Actor) -> set[str]:
    """The tables that a layer reads close up."""
    statement = str(layer.select(layers.view(actor, layer.max_zoom)).compile())
    return {
        model.__tablename__
        for model in (Area, Call, Case, Household, Terminal, Worker)
        if f" {model.__tablename__}" in statement
    }


@pytest.mark.parametrize("layer", LAYERS, ids=lambda one: one.id)
def test_every_layer_is_told_in_both_languages_and_has_number_and_shape(layer: Layer) -> None:
    for words in (layer.title, layer.description, *(sign.label for sign in layer.legend)):
        assert words.zh
        assert words.en
    rows = layer.select(layers.view(MANAGER, layer.max_zoom))
    assert {"feature_id", "geom"} <= {column.name for column in rows.selected_columns}
    assert layer.min_zoom <= layer.max_zoom
    assert set(layers.fields(layer).values()) <= {"Number", "String", "Boolean"}


@pytest.mark.parametrize("layer", [one for one in LAYERS if one.own_rows and one.id != "gaps"], ids=lambda one: one.id)
def test_what_tells_of_single_homes_or_people_is_narrowed_to_own_grids(layer: Layer) -> None:
    """The viewer's grids stand in the statement, or the areas in which the roles are held: of calls and cases, those.

    Gaps are no rows of a table: which of them are found for whom is told in `tests.schema.test_coverage_tiles`.
    """
    rows = layer.select(layers.view(MANAGER, layer.max_zoom))
    own = AREAS if layer.id in ("calls", "cases") else GRIDS
    assert list(own) in rows.compile().params.values()


def test_layers_on_people_are_marked_as_own_rows() -> None:
    """A layer that reads homes, terminals or workers without being marked would be kept across people."""
    on_people = {
        one.id for one in LAYERS if tables(one, MANAGER) & {"calls", "cases", "households", "terminals", "workers"}
    }
    # care: numbers, the same to everybody; gaps: of audits, which are told by area
    assert on_people - {"care"} | {"gaps"} == {one.id for one in LAYERS if one.own_rows}


def test_a_device_has_no_layer() -> None:
    device = replace(MANAGER, roles=frozenset({Role.TERMINAL}), terminal_id=uuid.uuid4())
    assert layers.shown_to(device) == ()
    with pytest.raises(NotAllowed):
        layers.named("streets", device)


def test_layers_are_named_together_each_once() -> None:
    assert [one.id for one in layers.named("streets,water,streets", PLANNER)] == ["streets", "water"]
    with pytest.raises(NotAllowed):
        layers.named("streets,workers", PLANNER)
    with pytest.raises(NotFound):
        layers.named("streets,", PLANNER)


def test_the_mark_changes_with_content_and_with_rights_where_they_matter() -> None:
    homes, grids, streets = (layers.BY_ID[one] for one in ("households", "grids", "streets"))
    mark = tiles.mark(MANAGER, (homes,), VERSIONS)
    assert mark == tiles.mark(MANAGER, (homes,), VERSIONS)
    assert mark != tiles.mark(PLANNER, (homes,), VERSIONS)
    assert mark != tiles.mark(replace(MANAGER, grid_ids=()), (homes,), VERSIONS)
    assert mark != tiles.mark(replace(MANAGER, everywhere=True), (homes,), VERSIONS)
    assert mark != tiles.mark(MANAGER, (homes,), {**VERSIONS, Content.HOMES: 2})
    assert tiles.mark(MANAGER, (grids,), VERSIONS) == tiles.mark(PLANNER, (grids,), VERSIONS)
    assert tiles.mark(MANAGER, (streets,), VERSIONS) == tiles.mark(MANAGER, (streets,), {**VERSIONS, Content.HOMES: 2})
    assert tiles.mark(MANAGER, (streets,), VERSIONS) != tiles.mark(MANAGER, (streets, grids), VERSIONS)


def test_live_layers_have_no_mark_of_their_content() -> None:
    assert tiles.mark(MANAGER, (layers.BY_ID["workers"],), VERSIONS) is None


def test_a_new_layer_is_one_entry() -> None:
    """An entry with a select is drawn without anything else being told."""
    entry = replace(layers.BY_ID["grids"], id="new", labels=None)
    statement = tiles.statement((entry,), layers.view(MANAGER, 13))
    assert isinstance(statement, sa.Select)
    assert "new" in statement.compile().params.values()
