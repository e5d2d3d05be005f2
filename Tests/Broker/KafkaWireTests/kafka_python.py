"""Reads messages that were written elsewhere with kafka-python, and writes them again.

A line of the file named first: API key, version, "request" or "response", body in hexadecimal, body as JSON (or "-").
Each line must decode to the values of the JSON, field by field, and encode to the same bytes. Says what does not, what is
null where the version knows no null, and what is never null where it could be.
"""

import collections
import json
import re
import sys

from kafka.protocol import admin, consumer, metadata, producer, sasl
from kafka.protocol.api_message import ApiMessage

# Our names of fields where they are not Kafka's in another spelling.
OTHER_NAMES = {
    "key": "coordinatorkey",
    "durationfilter": "durationfilterms",
    "currenttxnstartoffset": "currenttransactionstartoffset",
    "generationidormemberepoch": "generationid",
    "groupsnames": "groupnames",
    "resultsbytopic": "results",
    "resultsbypartition": "results",
    "partitionerrorcode": "errorcode",
}


def subclasses(of):
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


MESSAGES = {(each.API_KEY, each.type): each for each in subclasses(ApiMessage) if getattr(each, "_json", None)}


# How often a field that may be null was seen in a version, and how often it was null.
SEEN = collections.Counter()
NULL = collections.Counter()
# One in four is null: one that is never null in so many cannot be.
ENOUGH = 40


def spelled(ours):
    return ours.lower().replace("milliseconds", "ms")


def plain(value):
    """A value of kafka-python as the JSON has it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return value.encode().hex()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if hasattr(value, "bytes") and hasattr(value, "hex"):
        return value.bytes.hex()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def nullability(field, value, version, where):
    if field.nullable_for_version_q(version):
        place = (re.sub(r"\[\d+\]", "", where), version)
        SEEN[place] += 1
        NULL[place] += value is None
    elif value is None:
        yield f"{where}: null in version {version}"


def differences(struct, theirs, ours, version, path):
    ours = {spelled(name): value for name, value in ours.items()}
    for field in struct.fields.values() if isinstance(struct.fields, dict) else struct.fields:
        if not field.for_version_q(version) or field.tagged_field_q(version):
            continue
        where = f"{path}.{field._name}"
        name = field._name.lower().replace("_", "").replace("v3andbelow", "")
        if name.endswith("authorizedoperations"):
            continue  # kafka-python has a set of names in place of the bits
        if name not in ours and name in OTHER_NAMES:
            name = OTHER_NAMES[name]
        if name not in ours:
            yield f"{where}: we have no such field"
            continue
        yield from nullability(field, ours[name], version, where)
        value = getattr(theirs, field.name)
        if value is None and field.type_str == "uuid":
            value = bytes(16)
        if field.is_struct_array() and value is not None and ours[name] is not None:
            if len(value) != len(ours[name]):
                yield f"{where}: {len(ours[name])} and {len(value)} elements"
            for index, (one, other) in enumerate(zip(value, ours[name])):
                yield from differences(field, one, other, version, f"{where}[{index}]")
        elif plain(value) != ours[name]:
            yield f"{where}: {ours[name]!r} and {plain(value)!r}"


def check(line):
    key, version, kind, body, values = line.rstrip("\n").split(" ", 4)
    version = int(version)
    message = MESSAGES[int(key), kind]
    read = message.decode(bytes.fromhex(body), version=version)
    read._header = None  # encoding looks for it
    if values != "-":
        yield from differences(message._struct, read, json.loads(values), version, message.name)
    written = bytes(read.encode(version=version)).hex()
    if written != body:
        yield f"{body} becomes {written}"


def main():
    checked = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            checked += 1
            try:
                found = list(check(line))
            except Exception as error:  # whatever kafka-python says of bytes that are wrong
                found = [f"{type(error).__name__}: {error}"]
            for each in found:
                print(" ".join(line.split(" ")[:3]), each[:2000])
    for place, count in SEEN.items():
        if count >= ENOUGH and not NULL[place]:
            print(*place, "is never null")
    print("checked", checked)


main()
