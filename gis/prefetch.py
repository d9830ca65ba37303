"""Asking for memory before it is needed: a settled junction costs several misses, and they can run side by side."""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped,unused-ignore]
from numba.core import types
from numba.extending import intrinsic


def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    """Fetch the cache line of `array[index]`; changes nothing. For compiled code only."""
    return types.void(array, index), _instruction


def _instruction(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    index = context.cast(builder, arguments[1], signature.args[1], types.intp)
    address = builder.bitcast(builder.gep(array.data, [index]), ir.PointerType(ir.IntType(8)))
    read, keep, data = (ir.IntType(32)(value) for value in (0, 3, 1))
    function = builder.module.declare_intrinsic(
        "llvm.prefetch", [address.type], ir.FunctionType(ir.VoidType(), [address.type] + [ir.IntType(32)] * 3)
    )
    builder.call(function, [address, read, keep, data])
    return context.get_dummy_value()


prefetch: Any = intrinsic(_prefetch)
