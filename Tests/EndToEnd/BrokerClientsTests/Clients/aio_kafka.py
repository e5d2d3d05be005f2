"""aiokafka administers, produces and consumes in a group of two, and prints what it was answered."""

import asyncio

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from facts import FIRST_TIME, PARTITIONS, ROUND, WAIT_SECONDS, Facts, Tally, records

facts = Facts(f"aiokafka {aiokafka.__version__}")


async def until(condition):
    """Waits until something is so, or for WAIT_SECONDS. The members poll in tasks of their own."""
    for _ in range(WAIT_SECONDS * 100):
        if condition():
            return
        await asyncio.sleep(0.01)


async def outcome(call):
    """The name of the error that a call ends with, or its answer."""
    try:
        return await call
    except KafkaError as failure:
        return type(failure).__name__


async def topic_code(call):
    """The error code of the only topic of an answer."""
    answer = await call
    ((_, code, *_),) = getattr(answer, "topic_errors", None) or answer.topic_error_codes
    return code


async def described(admin, setting, value):
    """What a setting is, once it is a value. A cluster tells its brokers of a change after it has answered who made it."""
    for _ in range(WAIT_SECONDS * 100):
        found = await describe(admin, setting)
        if found.startswith(value):
            break
        await asyncio.sleep(0.01)
    return found


async def describe(admin, setting):
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, facts.topic)])
    (resource,) = answer.resources
    found = [f"{entry[1]} from {entry[3]}" for entry in resource[4] if entry[0] == setting]
    return found[0] if found else f"error {resource[0]}"


async def altered(admin, setting, value):
    resource = ConfigResource(ConfigResourceType.TOPIC, facts.topic, configs={setting: value})
    (answer,) = await admin.alter_configs([resource])
    return answer.resources[0][0]


async def administer(admin):
    cluster = await admin.describe_cluster()
    facts["nodes"] = f"{[node['node_id'] for node in cluster['brokers']]}, controller {cluster['controller_id']}"
    facts["create"] = await topic_code(
        admin.create_topics([NewTopic(facts.topic, 4, 1, topic_configs={"retention.ms": "86400000"})]))
    facts["create again"] = await topic_code(admin.create_topics([NewTopic(facts.topic, 4, 1)]))
    facts["create with two replicas"] = await topic_code(admin.create_topics([NewTopic("other", 1, 2)]))
    facts["config given"] = await described(admin, "retention.ms", "86400000")
    facts["config not given"] = await described(admin, "cleanup.policy", "delete")
    facts["alter config"] = await altered(admin, "retention.ms", "7200000")
    facts["config altered"] = await described(admin, "retention.ms", "7200000")
    facts["alter config badly"] = await altered(admin, "retention.ms", "abc")
    facts["fewer partitions"] = await outcome(admin.create_partitions({facts.topic: NewPartitions(2)}))
    await admin.create_partitions({facts.topic: NewPartitions(PARTITIONS)})
    count = 0
    while count < PARTITIONS:
        (topic,) = await admin.describe_topics([facts.topic])
        count = len([partition for partition in topic["partitions"] if partition["error_code"] == 0])
    facts["partitions"] = count


async def produce(producer, round_number):
    sent = [
        await producer.send(facts.topic, value, key, partition, timestamp_ms=time, headers=[("round", value)])
        for partition, key, value, time in records(round_number)]
    offsets = [answer.offset for answer in await asyncio.gather(*sent)]
    return f"{len(offsets)}, offsets {min(offsets)} to {max(offsets)}"


class Member:
    """A member of the group, reading in a task of its own until it leaves."""

    def __init__(self, tally):
        self.tally = tally

    async def join(self):
        self.consumer = AIOKafkaConsumer(
            facts.topic, bootstrap_servers=facts.bootstrap, group_id=facts.group, auto_offset_reset="earliest",
            enable_auto_commit=False, session_timeout_ms=10000, heartbeat_interval_ms=200, metadata_max_age_ms=1000)
        await self.consumer.start()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        async for record in self.consumer:
            self.tally.note(record.partition, record.key, record.value, record.headers)

    async def leave(self):
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.consumer.stop()


async def consume(admin, producer):
    """A second member comes and goes, and no record is missed or given twice."""
    tally = Tally()
    members = [await Member(tally).join()]

    def assigned():
        return [len(member.consumer.assignment()) for member in members]

    async def settle(fact, *counts):
        await until(lambda: assigned() == list(counts))
        facts[fact] = assigned()

    async def read(fact, total):
        await until(lambda: len(tally.seen) == total)
        facts[fact] = tally
        for member in members:
            await member.consumer.commit()

    await settle("assigned alone", PARTITIONS)
    await read("consumed alone", ROUND)
    members.append(await Member(tally).join())
    await settle("assigned together", PARTITIONS // 2, PARTITIONS // 2)
    facts["produced in round 1"] = await produce(producer, 1)
    await read("consumed together", 2 * ROUND)
    facts["group of two"] = await describe_group(admin)
    await members.pop().leave()
    await settle("assigned when the second left", PARTITIONS)
    facts["produced in round 2"] = await produce(producer, 2)
    await read("consumed when the second left", 3 * ROUND)
    await find_offsets(members[0].consumer)
    await members.pop().leave()
    facts["group left by all"] = await describe_group(admin)
    facts["listed"] = [kind for name, kind, *_ in await admin.list_consumer_groups() if name == facts.group]
    committed = await admin.list_consumer_group_offsets(facts.group)
    facts["offsets committed"] = sorted((partition.partition, offset.offset) for partition, offset in committed.items())


async def find_offsets(consumer):
    partition = TopicPartition(facts.topic, 1)
    facts["beginning and end"] = [
        (await consumer.beginning_offsets([partition]))[partition], (await consumer.end_offsets([partition]))[partition]]
    for fact, time in (("second round", FIRST_TIME + ROUND), ("future", 32503680000000)):
        found = (await consumer.offsets_for_times({partition: time}))[partition]
        facts[f"offset at the time of the {fact}"] = found and found.offset


async def describe_group(admin):
    (answer,) = await admin.describe_consumer_groups([facts.group])
    ((code, _, state, kind, protocol, members, *_),) = answer.groups
    return f"{code}, {state}, type '{kind}', assignor '{protocol}', {len(members)} members"


async def use_codec(admin, codec):
    """Compressed records come back as they were, to a reader who wants committed ones only."""
    facts["create for the codec"] = await topic_code(admin.create_topics([NewTopic(facts.codec_topic, 1, 1)]))
    producer = AIOKafkaProducer(bootstrap_servers=facts.bootstrap, compression_type=codec, linger_ms=50)
    await producer.start()
    for i in range(20):
        await producer.send(facts.codec_topic, b"%d-" % i * 100, partition=0)
    await producer.stop()
    reader = AIOKafkaConsumer(bootstrap_servers=facts.bootstrap, isolation_level="read_committed")
    await reader.start()
    reader.assign([TopicPartition(facts.codec_topic, 0)])
    await reader.seek_to_beginning()
    values = [(await asyncio.wait_for(reader.getone(), WAIT_SECONDS)).value for _ in range(20)]
    await reader.stop()
    facts[f"{codec} intact"] = values == [b"%d-" % i * 100 for i in range(20)]


async def main():
    admin = AIOKafkaAdminClient(bootstrap_servers=facts.bootstrap)
    await admin.start()
    await administer(admin)
    producer = AIOKafkaProducer(bootstrap_servers=facts.bootstrap, enable_idempotence=True, linger_ms=5)
    await producer.start()
    facts["produced in round 0"] = await produce(producer, 0)
    await consume(admin, producer)
    await use_codec(admin, "gzip")
    partition = TopicPartition(facts.topic, 0)
    for offset in (5, 999):
        answer = await outcome(admin.delete_records({partition: RecordsToDelete(offset)}))
        facts[f"delete records before {offset}"] = answer if isinstance(answer, str) else answer[partition]
    facts["delete topic"] = await topic_code(admin.delete_topics([facts.topic]))
    facts["delete topic again"] = await topic_code(admin.delete_topics([facts.topic]))
    await producer.stop()
    await admin.close()
    facts.print()


asyncio.run(main())
