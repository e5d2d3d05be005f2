"""confluent-kafka administers, produces and consumes in a group of two, and prints what it was answered."""

import confluent_kafka
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType)
from facts import FIRST_TIME, PARTITIONS, ROUND, WAIT_SECONDS, Facts, Tally, eventually, records, until

facts = Facts(f"confluent-kafka {confluent_kafka.version()}")
admin = AdminClient({"bootstrap.servers": facts.bootstrap})


def outcome(futures):
    """The error code that the only future of an answer ends with: 0 for none."""
    (future,) = futures.values()
    return error_of(future)


def error_of(future):
    try:
        future.result(WAIT_SECONDS)
        return 0
    except KafkaException as failure:
        return failure.args[0].code()


def new_topic(name, partitions, replicas=1, **settings):
    return outcome(admin.create_topics([NewTopic(name, partitions, replicas, config=settings)]))


def described(setting, value):
    return eventually(lambda: describe(setting), value)


def describe(setting):
    resource = ConfigResource(ResourceType.TOPIC, facts.topic)
    try:
        entry = admin.describe_configs([resource])[resource].result(WAIT_SECONDS)[setting]
    except KafkaException as failure:
        return str(failure)
    return f"{entry.value} from {entry.source}, read-only {entry.is_read_only}, synonyms {sorted(entry.synonyms)}"


def altered(setting, operation, value):
    entry = ConfigEntry(setting, value, incremental_operation=operation)
    resource = ConfigResource(ResourceType.TOPIC, facts.topic, incremental_configs=[entry])
    return outcome(admin.incremental_alter_configs([resource]))


def administer():
    cluster = admin.describe_cluster().result(WAIT_SECONDS)
    facts["nodes"] = f"{[node.id for node in cluster.nodes]}, controller {cluster.controller.id}"
    facts["create"] = new_topic(facts.topic, 4, **{"retention.ms": "86400000"})
    facts["create again"] = new_topic(facts.topic, 4)
    facts["create with two replicas"] = new_topic("other", 1, replicas=2)
    facts["create with an unknown config"] = new_topic("other", 1, **{"no.such.config": "1"})
    facts["config given"] = described("retention.ms", "86400000")
    facts["config not given"] = described("cleanup.policy", "delete")
    facts["alter config"] = altered("retention.ms", AlterConfigOpType.SET, "7200000")
    facts["config altered"] = described("retention.ms", "7200000")
    facts["alter config badly"] = altered("retention.ms", AlterConfigOpType.SET, "abc")
    facts["append to a config"] = altered("cleanup.policy", AlterConfigOpType.APPEND, "compact")
    facts["config appended to"] = described("cleanup.policy", "delete,compact")
    facts["subtract from a config"] = altered("cleanup.policy", AlterConfigOpType.SUBTRACT, "compact")
    facts["config subtracted from"] = described("cleanup.policy", "delete from")
    facts["delete a config"] = altered("retention.ms", AlterConfigOpType.DELETE, None)
    facts["config deleted"] = described("retention.ms", "604800000")
    facts["fewer partitions"] = outcome(admin.create_partitions([NewPartitions(facts.topic, 2)]))
    facts["more partitions"] = outcome(admin.create_partitions([NewPartitions(facts.topic, PARTITIONS)]))
    until(lambda: partition_count() == PARTITIONS, lambda: None)
    facts["partitions"] = partition_count()


def partition_count():
    return len(admin.list_topics(facts.topic, WAIT_SECONDS).topics[facts.topic].partitions)


def produce(producer, round_number):
    delivered = []
    for partition, key, value, time in records(round_number):
        producer.produce(facts.topic, value, key, partition, headers={"round": value}, timestamp=time,
                         on_delivery=lambda error, message: delivered.append(error))
    producer.flush(WAIT_SECONDS)
    return f"{len(delivered)}, errors {[error for error in delivered if error]}"


def open_consumer(assignor):
    consumer = Consumer({
        "bootstrap.servers": facts.bootstrap, "group.id": facts.group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "session.timeout.ms": 10000, "heartbeat.interval.ms": 200,
        "partition.assignment.strategy": assignor,
    })
    consumer.subscribe([facts.topic])
    return consumer


def consume(producer, assignor, tally, rounds):
    """A second member comes and goes, and no record is missed or given twice."""
    name, first = assignor, rounds[0]
    members = [open_consumer(assignor)]

    def poll():
        for member in members:
            message = member.poll(0.02)
            if message is not None and not message.error():
                tally.note(message.partition(), message.key(), message.value(), message.headers())

    def settle(fact, *counts):
        until(lambda: [len(member.assignment()) for member in members] == list(counts), poll)
        facts[f"{name}: {fact}"] = [len(member.assignment()) for member in members]

    def read(fact, total):
        until(lambda: len(tally.seen) == total, poll)
        facts[f"{name}: {fact}"] = tally
        for member in members:
            commit(member)

    settle("assigned alone", PARTITIONS)
    read("consumed alone", first * ROUND)
    members.append(open_consumer(assignor))
    settle("assigned together", PARTITIONS // 2, PARTITIONS // 2)
    facts[f"{name}: produced"] = produce(producer, first)
    read("consumed together", (first + 1) * ROUND)
    facts[f"{name}: group"] = describe_group()
    members.pop().close()
    settle("assigned when the second left", PARTITIONS)
    facts[f"{name}: produced again"] = produce(producer, rounds[1])
    read("consumed when the second left", (rounds[1] + 1) * ROUND)
    facts[f"{name}: delete group in use"] = outcome(admin.delete_consumer_groups([facts.group]))
    members.pop().close()
    facts[f"{name}: group left by all"] = describe_group()


def commit(member):
    try:
        member.commit(asynchronous=False)
    except KafkaException as failure:
        if failure.args[0].code() != KafkaError._NO_OFFSET:  # it was given no record since it joined
            raise


def describe_group():
    group = admin.describe_consumer_groups([facts.group])[facts.group].result(WAIT_SECONDS)
    return f"{group.state.name}, {group.type.name}, {len(group.members)} members, assignor '{group.partition_assignor}'"


def committed():
    request = ConsumerGroupTopicPartitions(facts.group)
    found = admin.list_consumer_group_offsets([request])[facts.group].result(WAIT_SECONDS)
    return sorted((partition.partition, partition.offset) for partition in found.topic_partitions)


def administer_group():
    listing = admin.list_consumer_groups().result(WAIT_SECONDS)
    listed = [group for group in listing.valid if group.group_id == facts.group]
    facts["listed"] = f"{[group.state.name for group in listed]}, errors {listing.errors}"
    facts["offsets committed"] = committed()
    wanted = ConsumerGroupTopicPartitions(facts.group, [TopicPartition(facts.topic, 0, 7)])
    facts["alter offsets"] = outcome(admin.alter_consumer_group_offsets([wanted]))
    facts["offsets altered"] = committed()
    facts["delete group"] = outcome(admin.delete_consumer_groups([facts.group]))
    facts["delete group again"] = outcome(admin.delete_consumer_groups([facts.group]))


def offset_at(partition, specification):
    wanted = TopicPartition(facts.topic, partition)
    return admin.list_offsets({wanted: specification})[wanted].result(WAIT_SECONDS).offset


def administer_records():
    facts["earliest, latest, of most time"] = [
        offset_at(1, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp())]
    facts["offset at the beginning of time"] = offset_at(1, OffsetSpec.for_timestamp(0))
    facts["offset at the time of the second round"] = offset_at(1, OffsetSpec.for_timestamp(FIRST_TIME + ROUND))
    facts["offset in the future"] = offset_at(1, OffsetSpec.for_timestamp(32503680000000))
    for offset in (5, 999):
        (future,) = admin.delete_records([TopicPartition(facts.topic, 0, offset)]).values()
        error = error_of(future)
        facts[f"delete records before {offset}"] = error or future.result().low_watermark
    facts["earliest after records were deleted"] = offset_at(0, OffsetSpec.earliest())
    facts["delete topic"] = outcome(admin.delete_topics([facts.topic]))
    facts["delete topic again"] = outcome(admin.delete_topics([facts.topic]))


def main():
    administer()
    producer = Producer({"bootstrap.servers": facts.bootstrap, "enable.idempotence": True, "linger.ms": 5})
    facts["produced"] = produce(producer, 0)
    tally = Tally()
    consume(producer, "range", tally, [1, 2])
    consume(producer, "cooperative-sticky", tally, [3, 4])
    administer_group()
    administer_records()
    facts.print()


main()
