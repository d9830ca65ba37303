"""Documents as clients send them: parsed, measured and validated once, then remembered by their text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoSchemaIntrospectionCustomRule

from schema import errors
from schema.cost import Cost
from schema.limits import Limits
from schema.plans import Plan, plan_of
from services.errors import Refusal

REMEMBERED_LENGTH = 20_000
MOST_REMEMBERED = 128

# Made once: a rule class made anew for each request would be a new key for every cache.
OPEN_RULES = tuple(specified_rules)
CLOSED_RULES = (*specified_rules, NoSchemaIntrospectionCustomRule)


@dataclass(frozen=True)
class Document:
    """A document that may run: its operations by name, its fragments; or the errors for which it may not."""

    operations: dict[str | None, OperationDefinitionNode] = field(default_factory=dict)
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    node: DocumentNode | None = None
    problems: tuple[dict[str, Any], ...] = ()
    plans: dict[str | None, Plan | None] = field(default_factory=dict)
    costs: dict[str | None, int] = field(default_factory=dict)

    def plan(self, schema: GraphQLSchema, name: str | None) -> Plan | None:
        """What is kept of the operation of this name; None when it is to be read anew each time."""
        if name not in self.plans:
            assert self.node is not None
            self.plans[name] = plan_of(schema, self.node, self.operation(name))
        return self.plans[name]

    def cost(self, schema: GraphQLSchema, name: str | None, variables: dict[str, Any] | None, limits: Limits) -> int:
        """What the operation of this name may cost; counted once where that does not hang on variables."""
        known = self.costs.get(name)
        if known is not None:
            return known
        counting = Cost(schema, self.fragments, variables, limits)
        found = counting.of(self.operation(name))
        if not counting.hangs_on_variables:
            self.costs[name] = found
        return found

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises OperationNameNeeded, OperationUnknown."""
        if name is not None:
            found = self.operations.get(name)
            if found is None:
                raise errors.OperationUnknown
            return found
        if len(self.operations) != 1:
            raise errors.OperationNameNeeded(count=len(self.operations))
        return next(iter(self.operations.values()))


def read(schema: GraphQLSchema, text: str, limits: Limits, developer: bool) -> Document:
    """The document of a text. Only a developer may ask for the schema, and be helped with its names."""
    reader = _read if len(text) > REMEMBERED_LENGTH else _remembered
    return reader(schema, text, limits, developer)


def _read(schema: GraphQLSchema, text: str, limits: Limits, developer: bool) -> Document:
    try:
        node = parse(text, max_lexical_tokens=limits.tokens)
        document = _sorted(node)
        _measure(document, limits)
    except GraphQLError as problem:
        return Document(problems=(_of_parser(problem, limits),))
    except Refusal as refusal:
        return Document(problems=(errors.refused(refusal),))
    rules = OPEN_RULES if developer else CLOSED_RULES
    found = validate(schema, node, rules, max_errors=50, hide_suggestions=not developer)
    return Document(problems=tuple(errors.present_validation(_one_a_kind(found)))) if found else document


_remembered = lru_cache(maxsize=MOST_REMEMBERED)(_read)


def _sorted(node: DocumentNode) -> Document:
    operations: dict[str | None, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in node.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else None] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    return Document(operations, fragments, node)


def _of_parser(problem: GraphQLError, limits: Limits) -> dict[str, Any]:
    if "contains more than" in problem.message:
        return errors.refused(errors.DocumentTooLong(most=limits.tokens))
    if "too deeply" in problem.message:
        return errors.refused(errors.DocumentTooDeep(depth="too many", most=limits.depth))
    return errors.present(problem)


def _one_a_kind(found: list[GraphQLError]) -> list[GraphQLError]:
    """One error a kind: what one can learn from the second, one learns after mending the first."""
    kinds: dict[str, GraphQLError] = {}
    for error in found:
        kinds.setdefault(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "", error.message), error)
    return list(kinds.values())


def _measure(document: Document, limits: Limits) -> None:
    """Refuse by depth, aliases and directives before validation, whose work grows faster than the document."""
    sizes = _Sizes(document.fragments)
    for operation in document.operations.values():
        depth, aliases, directives = sizes.of(operation)
        if depth > limits.depth and not _asks_for_schema(operation):
            raise errors.DocumentTooDeep(depth=depth, most=limits.depth)
        if aliases > limits.aliases:
            raise errors.TooManyAliases(count=aliases, most=limits.aliases)
        if directives > limits.directives:
            raise errors.TooManyDirectives(count=directives, most=limits.directives)


def _asks_for_schema(operation: OperationDefinitionNode) -> bool:
    return all(
        isinstance(part, FieldNode) and part.name.value.startswith("__") for part in operation.selection_set.selections
    )


class _Sizes:
    """Depth, aliases and directives with all fragments put in; each fragment is measured once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, tuple[int, int, int]] = {}

    def of(self, node: Node) -> tuple[int, int, int]:
        depth = aliases = directives = 0
        for part in _parts(node):
            deeper, more_aliases, more_directives = self._of_part(part)
            depth = max(depth, deeper)
            aliases += more_aliases
            directives += more_directives
        return depth, aliases, directives + len(getattr(node, "directives", None) or ())

    def _of_part(self, part: Node) -> tuple[int, int, int]:
        if isinstance(part, FragmentSpreadNode):
            depth, aliases, directives = self._of_fragment(part.name.value)
            return depth, aliases, directives + len(part.directives or ())
        depth, aliases, directives = self.of(part)
        if isinstance(part, FieldNode):
            return depth + 1, aliases + (part.alias is not None), directives
        return depth, aliases, directives

    def _of_fragment(self, name: str) -> tuple[int, int, int]:
        if name not in self._known:
            self._known[name] = (0, 0, 0)  # a circle counts nothing here; validation refuses it
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name])
        return self._known[name]


def _parts(node: Node) -> Iterator[Node]:
    chosen = getattr(node, "selection_set", None)
    if isinstance(chosen, SelectionSetNode):
        yield from chosen.selections
