"""A producer and two members of a group, by confluent-kafka, live through the broker's death, and print what they lost.

Arguments: the broker's address, a prefix for the names they make, and a folder: the file `working` there says that records
flow, and `resumed` is waited for, which says that the broker was killed and is back.
"""

import pathlib
import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

folder = pathlib.Path(sys.argv.pop())
from facts import WAIT_SECONDS, Facts, until  # noqa: E402: it reads the arguments that are left

facts = Facts("confluent-kafka")
acknowledged, refused, seen, rebalances = [], [], {}, []
PARTITIONS, ROUND = 4, 400


def on_delivery(error, message):
    if error:
        refused.append(str(error))
    else:
        acknowledged.append(message.value())


def produce(producer, first):
    for number in range(first, first + ROUND):
        producer.produce(facts.topic, b"%d" % number, partition=number % PARTITIONS, on_delivery=on_delivery)
        producer.poll(0.001)


def open_member(name):
    member = Consumer({
        "bootstrap.servers": facts.bootstrap, "group.id": facts.group, "client.id": name, "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "session.timeout.ms": 45000, "heartbeat.interval.ms": 500,
        "partition.assignment.strategy": "range", "reconnect.backoff.max.ms": 500,
    })
    member.subscribe([facts.topic], on_assign=lambda _, given: rebalances.append(len(given)))
    return member


def poll(members):
    for member in members:
        message = member.poll(0.005)
        if message is not None and not message.error():
            seen.setdefault(message.value(), []).append((message.partition(), message.offset()))


def commit(members):
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return [member.commit(asynchronous=False) for member in members] and "done"
        except Exception as failure:  # the broker is not back, or not with its groups
            if time.monotonic() > deadline:
                return str(failure)


def committed():
    reader = Consumer({"bootstrap.servers": facts.bootstrap, "group.id": facts.group})
    from confluent_kafka import TopicPartition
    found = reader.committed([TopicPartition(facts.topic, number) for number in range(PARTITIONS)], WAIT_SECONDS)
    reader.close()
    return [partition.offset for partition in found]


def main():
    admin = AdminClient({"bootstrap.servers": facts.bootstrap})
    admin.create_topics([NewTopic(facts.topic, PARTITIONS, 1)])[facts.topic].result(WAIT_SECONDS)
    producer = Producer({
        "bootstrap.servers": facts.bootstrap, "enable.idempotence": True, "linger.ms": 1,
        "reconnect.backoff.max.ms": 500})
    members = [open_member("first"), open_member("second")]
    until(lambda: sorted(len(member.assignment()) for member in members) == [2, 2], lambda: poll(members))
    produce(producer, 0)
    producer.flush(WAIT_SECONDS)
    until(lambda: len(seen) == ROUND, lambda: poll(members))
    facts["before: seen"] = len(seen)
    facts["before: commit"] = commit(members)
    facts["before: committed"] = committed()
    times = len(rebalances)
    # Records are under way when the broker dies: those that it has not acknowledged are sent again.
    produce(producer, ROUND)
    (folder / "working").touch()
    produce(producer, 2 * ROUND)
    until((folder / "resumed").exists, lambda: poll(members))
    producer.flush(WAIT_SECONDS)
    until(lambda: len(seen) == 3 * ROUND, lambda: poll(members))
    facts["acknowledged, refused"] = f"{len(acknowledged)}, {refused}"
    places = {place for places in seen.values() for place in places}
    facts["lost"] = len([value for value in acknowledged if value not in seen])
    facts["twice on the log"] = len(places) - len(seen)
    facts["read twice"] = len([value for value, places in seen.items() if len(places) > 1])
    facts["out of order"] = sum(
        offset != number // PARTITIONS for number in range(3 * ROUND) for _, offset in seen.get(b"%d" % number, []))
    facts["rebalances since"] = len(rebalances) - times
    facts["after: commit"] = commit(members)
    facts["after: committed"] = committed()
    for member in members:
        member.close()
    facts.print()


main()
