"""Checks JSON against the shapes of botocore's service model, with every constraint that the shapes have.

botocore's own validator checks types, required members and minimums only, and its parser accepts every response.
"""

import re

# Python has no classes of Unicode characters, such as \p{L}. Any character that is not a space stands for them.
UNICODE_CLASS = re.compile(r"\\p\{\w\}")


def problems(shape, value, path="$"):
    """What is wrong with the value; nothing if the shape allows it."""
    check = CHECKS[shape.type_name]
    yield from check(shape, value, path)


def structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{path}.{name}: required"
    for name, member in value.items():
        if name not in shape.members:
            yield f"{path}.{name}: not in the model"
        elif member is not None:
            yield from problems(shape.members[name], member, f"{path}.{name}")


def array(shape, value, path):
    if not isinstance(value, list):
        yield f"{path}: not an array"
        return
    yield from bounds(shape, len(value), path)
    for index, entry in enumerate(value):
        yield from problems(shape.member, entry, f"{path}[{index}]")


def mapping(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: not an object"
        return
    for name, member in value.items():
        yield from problems(shape.key, name, f"{path} key")
        yield from problems(shape.value, member, f"{path}.{name}")


def string(shape, value, path):
    if not isinstance(value, str):
        yield f"{path}: not a string"
        return
    yield from bounds(shape, len(value), path)
    if shape.enum and value not in shape.enum:
        yield f"{path}: not one of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, value):
        yield f"{path}: does not match {pattern}"


def matches(pattern, value):
    return re.fullmatch(UNICODE_CLASS.sub(r"\\S", pattern), value)


def integer(shape, value, path):
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path}: not an integer"
        return
    yield from bounds(shape, value, path)


def boolean(shape, value, path):
    if not isinstance(value, bool):
        yield f"{path}: not a boolean"


def timestamp(shape, value, path):
    # JSON 1.1 has seconds since 1970.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield f"{path}: not a number of seconds"


def bounds(shape, size, path):
    if size < shape.metadata.get("min", size):
        yield f"{path}: {size} is below the minimum"
    if size > shape.metadata.get("max", size):
        yield f"{path}: {size} is above the maximum"


CHECKS = {
    "structure": structure,
    "list": array,
    "map": mapping,
    "string": string,
    "integer": integer,
    "long": integer,
    "boolean": boolean,
    "timestamp": timestamp,
}
