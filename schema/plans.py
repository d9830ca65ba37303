"""What is the same for each sending of an operation, made ready once and kept with its document.

The library reads an operation anew each time: it looks for it in the document, reads the types of its variables, and
collects its fields. Where nothing is asked on a condition (`@skip`, `@include`), all of that is the same whatever the
variables are. The rest is left to the library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    coerce_input_value,
    get_named_type,
    is_input_object_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, FragmentDetails, collect_fields
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

from schema.lens import CAN_WAIT
from schema.selections import Fields, Selection, definition

CONDITION = "@"
Place = tuple[str, int]
"""A type's name and the identity of what is asked of it; what is asked is kept with the plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An operation ready to run: its root type and fields, its variables; what was collected of it so far."""

    operation: OperationDefinitionNode
    nodes: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]
    root: GraphQLObjectType
    fields: Fields
    variables: tuple[GraphQLVariableSignature, ...]
    can_wait: bool
    subfields: dict[Place, CollectedFields] = field(default_factory=dict)
    selections: dict[Place, Selection] = field(default_factory=dict)

    def values(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The variables as they are taken; None when one is missing or wrong: the library knows what is to be said."""
        sources, found = {}, {}
        for one in self.variables:
            value = given.get(one.name, Undefined)
            taken = Undefined if value is Undefined else coerce_input_value(value, one.type)
            if taken is Undefined:
                return None
            sources[one.name], found[one.name] = VariableValueSource(one, value), taken
        return VariableValues(sources, found)


def plan_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Plan | None:
    """The plan of an operation of a valid document; None when what it asks hangs on conditions."""
    root = schema.get_root_type(operation.operation)
    variables = [get_variable_signature(schema, one) for one in operation.variable_definitions or ()]
    if root is None or _may_have_conditions(document):
        return None
    nodes = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    fragments = {name: FragmentDetails(node) for name, node in nodes.items()}
    fields = collect_fields(schema, fragments, VariableValues({}, {}), root, operation).grouped_field_set
    can_wait = all(_can_wait(root, details) for details in fields.values())
    known = tuple(one for one in variables if isinstance(one, GraphQLVariableSignature) and not _is_deep(one.type))
    return Plan(operation, nodes, fragments, root, fields, known, can_wait) if len(known) == len(variables) else None


def _can_wait(root: GraphQLObjectType, details: FieldDetailsList) -> bool:
    told = root.fields.get(details[0].node.name.value)
    metadata: Mapping[Any, Any] = (definition(told).metadata or {}) if told else {}
    return bool(metadata.get(CAN_WAIT))


def _may_have_conditions(document: DocumentNode) -> bool:
    """By its text: an at sign within a quotation only costs the plan."""
    return document.loc is None or CONDITION in document.loc.source.body


def _is_deep(kind: GraphQLInputType, *around: str) -> bool:
    """True for a type that holds itself: how deep its values may be, the library measures."""
    named: Any = get_named_type(kind)
    if not is_input_object_type(named):
        return False
    within = (*around, named.name)
    return named.name in around or any(_is_deep(one.type, *within) for one in named.fields.values())
