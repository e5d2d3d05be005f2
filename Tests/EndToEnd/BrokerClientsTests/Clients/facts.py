"""What the Python clients share: the facts that a client prints, and the tally of the records it was given."""

import json
import sys
import time

PARTITIONS = 6
ROUND = 60
WAIT_SECONDS = 30


class Facts:
    """What a client was answered, printed at its end as one line of JSON, all values strings."""

    def __init__(self, client):
        self.bootstrap, prefix = sys.argv[1:]
        self.topic, self.codec_topic, self.group = f"{prefix}-topic", f"{prefix}-codecs", f"{prefix}-group"
        self.found = {"client": client}

    def __setitem__(self, name, value):
        self.found[name] = str(value)

    def print(self):
        print(json.dumps(self.found))


class Tally:
    """Whether each record of the rounds came, once, from its partition, with its key and header."""

    def __init__(self):
        self.seen = {}
        self.wrong = 0

    def note(self, partition, key, value, headers):
        number = int(value.split(b"-")[2])
        wanted = key == b"k-%d" % number and dict(headers) == {"round": value} and partition == number % PARTITIONS
        self.wrong += not wanted
        self.seen[value] = self.seen.get(value, 0) + 1

    def __str__(self):
        doubled = sum(count - 1 for count in self.seen.values())
        return f"{len(self.seen)}, {doubled} doubled, {self.wrong} wrong"


FIRST_TIME = int(time.time() * 1000)  # of the first record; each is a millisecond after the one before


def records(round_number):
    """The records of a round: partition, key, value, time in milliseconds."""
    first = FIRST_TIME + round_number * ROUND
    return [(i % PARTITIONS, b"k-%d" % i, b"v-%d-%d" % (round_number, i), first + i) for i in range(ROUND)]


def eventually(describe, value):
    """What something is, once it begins with a value. A cluster tells its brokers of a change after it has answered who
    made it."""
    found = describe()
    deadline = time.monotonic() + WAIT_SECONDS
    while not found.startswith(value) and time.monotonic() < deadline:
        found = describe()
    return found


def until(condition, step):
    """Takes steps until something is so, or for WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        step()
