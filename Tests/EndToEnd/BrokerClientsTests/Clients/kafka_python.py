"""kafka-python administers, produces and consumes in a group of two, and prints what it was answered."""

import queue
import threading
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, NewTopic, OffsetSpec
from kafka.errors import KafkaError
from facts import FIRST_TIME, PARTITIONS, ROUND, WAIT_SECONDS, Facts, Tally, eventually, records, until

facts = Facts(f"kafka-python {kafka.__version__}")
admin = KafkaAdminClient(bootstrap_servers=facts.bootstrap)


def outcome(call, *arguments, **named):
    """The name of the error that a call ends with: None for none."""
    try:
        call(*arguments, **named)
        return None
    except KafkaError as failure:
        return type(failure).__name__


def described(setting, value):
    return eventually(lambda: describe(setting), value)


def describe(setting):
    resource = ConfigResource("topic", facts.topic)
    try:
        topics = admin.describe_configs([resource], include_synonyms=True, config_filter="all")["topic"]
        found = topics[facts.topic][setting]
    except (KafkaError, KeyError, TypeError) as failure:
        return repr(failure)
    return f"{found['value']} from {found['config_source']}, {found['config_type']}"


def altered(setting, value):
    found = admin.alter_configs([ConfigResource("topic", facts.topic, {setting: value})])["topic"][facts.topic]
    return getattr(found, "__name__", None) or str(found).partition(":")[0]


def administer():
    cluster = admin.describe_cluster()
    facts["nodes"] = f"{[node['broker_id'] for node in cluster['brokers']]}, controller {cluster['controller_id']}"
    facts["create"] = outcome(
        admin.create_topics, [NewTopic(facts.topic, 4, 1, topic_configs={"retention.ms": "86400000"})])
    facts["create again"] = outcome(admin.create_topics, [NewTopic(facts.topic, 4, 1)])
    facts["create with two replicas"] = outcome(admin.create_topics, [NewTopic("other", 1, 2)])
    facts["create with no partitions"] = outcome(admin.create_topics, [NewTopic("other", 0, 1)])
    facts["validate only"] = outcome(admin.create_topics, [NewTopic(facts.codec_topic, 1, 1)], validate_only=True)
    facts["config given"] = described("retention.ms", "86400000")
    facts["config not given"] = described("cleanup.policy", "delete")
    facts["alter config"] = altered("retention.ms", "7200000")
    facts["config altered"] = described("retention.ms", "7200000")
    facts["alter config badly"] = altered("retention.ms", "abc")
    facts["reset config"] = outcome(admin.reset_configs, [ConfigResource("topic", facts.topic, {"retention.ms": None})])
    facts["config reset"] = described("retention.ms", "604800000")
    facts["fewer partitions"] = outcome(admin.create_partitions, {facts.topic: 2})
    facts["more partitions"] = outcome(admin.create_partitions, {facts.topic: PARTITIONS})
    until(lambda: partition_count() == PARTITIONS, lambda: None)
    facts["partitions"] = partition_count()
    facts["topics listed"] = [facts.topic in admin.list_topics(), facts.codec_topic in admin.list_topics()]


def partition_count():
    (topic,) = admin.describe_topics([facts.topic])
    return len(topic["partitions"])


def produce(producer, round_number):
    futures = [
        producer.send(facts.topic, value, key, headers=[("round", value)], partition=partition, timestamp_ms=moment)
        for partition, key, value, moment in records(round_number)]
    offsets = [future.get(WAIT_SECONDS).offset for future in futures]
    return f"{len(offsets)}, offsets {min(offsets)} to {max(offsets)}"


class Member(threading.Thread):
    """A member of the group, polling in a thread of its own. Its polls are long: in this client a poll that ends while the
    member joins forgets the assignment that comes next."""

    def __init__(self, tally):
        super().__init__(daemon=True)
        self.tally, self.wishes, self.assigned = tally, queue.Queue(), 0
        self.start()

    def run(self):
        consumer = KafkaConsumer(
            facts.topic, bootstrap_servers=facts.bootstrap, group_id=facts.group, auto_offset_reset="earliest",
            enable_auto_commit=False, session_timeout_ms=10000, heartbeat_interval_ms=200)
        wish = None
        while wish != "leave":
            for batch in consumer.poll(timeout_ms=1500).values():
                for record in batch:
                    self.tally.note(record.partition, record.key, record.value, record.headers)
            self.assigned = len(consumer.assignment())
            wish = None if self.wishes.empty() else self.wishes.get()
            if wish == "commit":
                consumer.commit()
            if wish == "leave":
                consumer.close()
            if wish:
                self.wishes.task_done()

    def wish(self, wish):
        """Has the thread do something after its poll, and waits until it is done."""
        self.wishes.put(wish)
        self.wishes.join()


def consume(producer):
    """A second member comes and goes, and no record is missed or given twice."""
    tally = Tally()
    members = [Member(tally)]

    def settle(fact, *counts):
        until(lambda: [member.assigned for member in members] == list(counts), lambda: time.sleep(0.01))
        facts[fact] = [member.assigned for member in members]

    def read(fact, total):
        until(lambda: len(tally.seen) == total, lambda: time.sleep(0.01))
        facts[fact] = tally
        for member in members:
            member.wish("commit")

    settle("assigned alone", PARTITIONS)
    read("consumed alone", ROUND)
    members.append(Member(tally))
    settle("assigned together", PARTITIONS // 2, PARTITIONS // 2)
    facts["produced in round 1"] = produce(producer, 1)
    read("consumed together", 2 * ROUND)
    facts["group of two"] = describe_group()
    members.pop().wish("leave")
    settle("assigned when the second left", PARTITIONS)
    facts["produced in round 2"] = produce(producer, 2)
    read("consumed when the second left", 3 * ROUND)
    facts["delete group in use"] = deletion_of_group()
    members.pop().wish("leave")
    facts["group left by all"] = describe_group()


def describe_group():
    group = admin.describe_groups([facts.group])[facts.group]
    return (f"{group['group_state']}, type '{group['protocol_type']}', assignor '{group['protocol_data']}', "
            f"{len(group['members'])} members")


def deletion_of_group():
    found = admin.delete_groups([facts.group])[facts.group]
    return getattr(found, "__name__", found)


def committed():
    found = admin.list_group_offsets({facts.group: None})[facts.group]
    return sorted((partition.partition, offset.offset) for partition, offset in found.items())


def administer_group():
    facts["listed"] = [(group["group_state"], group["protocol_type"]) for group in admin.list_groups()
                       if group["group_id"] == facts.group]
    facts["offsets committed"] = committed()
    partition = TopicPartition(facts.topic, 0)
    facts["alter offsets"] = admin.alter_group_offsets(
        facts.group, {partition: OffsetAndMetadata(7, "", -1)})[partition].__name__
    facts["offsets altered"] = committed()
    facts["delete offsets"] = admin.delete_group_offsets(facts.group, [partition])[partition].__name__
    facts["offsets after one was deleted"] = committed()
    facts["delete group"] = deletion_of_group()
    facts["delete group again"] = deletion_of_group()


def offset_at(partition, specification):
    wanted = TopicPartition(facts.topic, partition)
    return admin.list_partition_offsets({wanted: specification})[wanted].offset


def use_codec(codec):
    """Compressed records come back as they were."""
    producer = KafkaProducer(bootstrap_servers=facts.bootstrap, compression_type=codec, linger_ms=50)
    for i in range(20):
        producer.send(facts.codec_topic, b"%d-" % i * 100, partition=0)
    producer.close()
    reader = KafkaConsumer(bootstrap_servers=facts.bootstrap, consumer_timeout_ms=WAIT_SECONDS * 1000)
    reader.assign([TopicPartition(facts.codec_topic, 0)])
    reader.seek_to_beginning()
    values = [next(reader).value for _ in range(20)]
    reader.close()
    return values == [b"%d-" % i * 100 for i in range(20)]


def administer_records():
    facts["earliest, latest, of most time"] = [
        offset_at(1, wanted) for wanted in (OffsetSpec.EARLIEST, OffsetSpec.LATEST, OffsetSpec.MAX_TIMESTAMP)]
    facts["offset at the time of the second round"] = offset_at(1, FIRST_TIME + ROUND)
    facts["offset in the future"] = offset_at(1, 32503680000000)
    facts["producers"] = len(admin.describe_producers([TopicPartition(facts.topic, 0)])[
        TopicPartition(facts.topic, 0)].active_producers)
    for offset in (5, 999):
        partition = TopicPartition(facts.topic, 0)
        try:
            facts[f"delete records before {offset}"] = admin.delete_records({partition: offset})[partition][
                "low_watermark"]
        except KafkaError as failure:
            facts[f"delete records before {offset}"] = type(failure).__name__
    facts["earliest after records were deleted"] = offset_at(0, OffsetSpec.EARLIEST)
    facts["create for the codec"] = outcome(admin.create_topics, [NewTopic(facts.codec_topic, 1, 1)],
                                            wait_for_metadata=True)
    facts["gzip intact"] = use_codec("gzip")
    facts["delete topic"] = outcome(admin.delete_topics, [facts.topic])
    facts["delete topic again"] = outcome(admin.delete_topics, [facts.topic])


def main():
    administer()
    producer = KafkaProducer(bootstrap_servers=facts.bootstrap, enable_idempotence=True, linger_ms=5)
    facts["produced in round 0"] = produce(producer, 0)
    consume(producer)
    administer_group()
    administer_records()
    producer.close()
    facts.print()


main()
