import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

/**
 * Kafka's own clients administer, produce and consume in a group of two; what they were answered is printed as one line of
 * JSON, all values strings. Arguments: the broker's address, and a prefix for the names it makes.
 */
public final class JavaClient {
  static final int PARTITIONS = 6;
  static final int ROUND = 60;
  static final Duration WAIT = Duration.ofSeconds(30);
  static final long FUTURE = 32503680000000L;

  final String bootstrap, topic, codecTopic, group;
  final Admin admin;
  final Map<String, String> facts = new LinkedHashMap<>();
  final List<KafkaConsumer<String, String>> members = new ArrayList<>();
  final Map<String, Integer> seen = new HashMap<>();
  final long firstTime = System.currentTimeMillis();
  int wrong = 0;

  JavaClient(String bootstrap, String prefix) {
    this.bootstrap = bootstrap;
    topic = prefix + "-topic";
    codecTopic = prefix + "-codecs";
    group = prefix + "-group";
    admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", 30000));
  }

  public static void main(String[] arguments) throws Exception {
    JavaClient client = new JavaClient(arguments[0], arguments[1]);
    client.run();
    System.out.println(client.facts.entrySet().stream()
        .map(fact -> "\"" + fact.getKey() + "\": \"" + fact.getValue().replace("\"", "'") + "\"")
        .collect(Collectors.joining(", ", "{", "}")));
    client.admin.close();
  }

  void run() throws Exception {
    fact("client", "Java " + org.apache.kafka.common.utils.AppInfoParser.getVersion());
    administerTopic();
    try (KafkaProducer<String, String> producer = openProducer("none")) {
      fact("produced in round 0", produce(producer, 0));
      for (String assignor : List.of("Range", "CooperativeSticky")) consumeInGroup(producer, assignor);
      keepPlaceAcrossRestart(producer);
    }
    administerGroup();
    for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) fact(codec + " intact", useCodec(codec));
    administerRecords();
  }

  void fact(String name, Object value) {
    facts.put(name, String.valueOf(value));
  }

  /** The name of the error that an answer is, or null. */
  static String outcome(Future<?> answer) throws InterruptedException {
    try {
      answer.get();
      return null;
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof ApiException) return failure.getCause().getClass().getSimpleName();
      throw new IllegalStateException(failure);
    }
  }

  // Topics and configuration

  String create(String name, int partitions, int replicas, Map<String, String> configs) throws InterruptedException {
    NewTopic wanted = new NewTopic(name, partitions, (short) replicas).configs(configs);
    return outcome(admin.createTopics(List.of(wanted)).all());
  }

  /** A cluster tells its brokers of a change after it has answered who made it: the value is waited for. */
  String configOfTopic(String name, String value) throws Exception {
    long deadline = System.nanoTime() + WAIT.toNanos();
    String found;
    do {
      try {
        found = config(ConfigResource.Type.TOPIC, topic, name);
      } catch (ExecutionException failure) {
        found = String.valueOf(failure.getCause());
      }
    } while (!found.startsWith(value + " ") && System.nanoTime() < deadline);
    return found;
  }

  String config(ConfigResource.Type type, String resource, String name) throws Exception {
    ConfigResource key = new ConfigResource(type, resource);
    DescribeConfigsOptions options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
    ConfigEntry entry = admin.describeConfigs(List.of(key), options).all().get().get(key).get(name);
    return entry.value() + " " + entry.source() + " " + entry.type() + " synonyms "
        + entry.synonyms().stream().map(ConfigEntry.ConfigSynonym::name).toList()
        + (entry.documentation() == null ? " undocumented" : "");
  }

  String alter(String name, AlterConfigOp.OpType operation, String value) throws InterruptedException {
    AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), operation);
    ConfigResource key = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return outcome(admin.incrementalAlterConfigs(Map.of(key, List.of(change))).all());
  }

  void awaitPartitions(int count) throws Exception {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (partitionCount() != count && System.nanoTime() < deadline) Thread.onSpinWait();
    fact(count + " partitions", partitionCount());
  }

  int partitionCount() throws Exception {
    try {
      return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
    } catch (ExecutionException failure) {
      return 0;
    }
  }

  void administerTopic() throws Exception {
    DescribeClusterResult cluster = admin.describeCluster();
    fact("nodes", cluster.nodes().get().stream().map(Node::id).toList() + ", controller " + cluster.controller().get().id());
    CreateTopicsResult created = admin.createTopics(
        List.of(new NewTopic(topic, 4, (short) 1).configs(Map.of("retention.ms", "86400000"))));
    fact("create", outcome(created.all()) + ", " + created.numPartitions(topic).get() + " partitions, "
        + created.replicationFactor(topic).get() + " replica, " + created.config(topic).get().get("retention.ms").value());
    awaitPartitions(4);
    fact("topic id is told", created.topicId(topic).get().equals(
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId()));
    fact("create again", create(topic, 4, 1, Map.of()));
    fact("create with two replicas", create("other", 1, 2, Map.of()));
    fact("create with a bad name", create("a b", 1, 1, Map.of()));
    fact("create with an unknown config", create("other", 1, 1, Map.of("no.such.config", "1")));
    fact("config given", configOfTopic("retention.ms", "86400000"));
    fact("config not given", configOfTopic("cleanup.policy", "delete"));
    String ofBroker = config(ConfigResource.Type.BROKER, "1", "auto.create.topics.enable");
    fact("config of the broker", ofBroker.split(" ")[0]);
    fact("alter config", alter("retention.ms", AlterConfigOp.OpType.SET, "7200000"));
    fact("config altered", configOfTopic("retention.ms", "7200000"));
    fact("alter config badly", alter("retention.ms", AlterConfigOp.OpType.SET, "abc"));
    fact("append to a config", alter("cleanup.policy", AlterConfigOp.OpType.APPEND, "compact"));
    fact("subtract from a config", alter("cleanup.policy", AlterConfigOp.OpType.SUBTRACT, "compact"));
    fact("config subtracted from", configOfTopic("cleanup.policy", "delete"));
    fact("delete a config", alter("retention.ms", AlterConfigOp.OpType.DELETE, ""));
    fact("config deleted", configOfTopic("retention.ms", "604800000"));
    fact("fewer partitions", outcome(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all()));
    fact("more partitions", outcome(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(PARTITIONS))).all()));
    awaitPartitions(PARTITIONS);
    fact("unknown topic", outcome(admin.describeTopics(List.of(topic + ".none")).allTopicNames()));
    fact("listed", admin.listTopics().names().get().contains(topic));
  }

  // Producing

  KafkaProducer<String, String> openProducer(String codec) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrap, "acks", "all", "enable.idempotence", true, "linger.ms", 5,
            "compression.type", codec),
        new StringSerializer(), new StringSerializer());
  }

  String produce(KafkaProducer<String, String> producer, int round) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < ROUND; i++) {
      String value = "v-" + round + "-" + i;
      RecordHeader header = new RecordHeader("round", value.getBytes(StandardCharsets.UTF_8));
      sent.add(producer.send(new ProducerRecord<>(
          topic, i % PARTITIONS, firstTime + round * ROUND + i, "k-" + i, value, List.of(header))));
    }
    LongSummaryStatistics offsets = new LongSummaryStatistics();
    for (Future<RecordMetadata> answer : sent) offsets.accept(answer.get().offset());
    return offsets.getCount() + ", offsets " + offsets.getMin() + " to " + offsets.getMax();
  }

  // Groups

  KafkaConsumer<String, String> openConsumer(String assignor, Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(Map.of(
        "bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", false,
        "session.timeout.ms", 10000, "heartbeat.interval.ms", 200,
        "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor + "Assignor"));
    settings.putAll(more);
    KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  void pollAll() {
    for (KafkaConsumer<String, String> member : members)
      for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(20))) {
        int number = Integer.parseInt(record.value().split("-")[2]);
        String header = new String(record.headers().lastHeader("round").value(), StandardCharsets.UTF_8);
        boolean right = header.equals(record.value()) && record.key().equals("k-" + number)
            && record.partition() == number % PARTITIONS;
        if (!right) wrong++;
        seen.merge(record.value(), 1, Integer::sum);
      }
  }

  void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) pollAll();
  }

  List<Integer> assigned() {
    return members.stream().map(member -> member.assignment().size()).toList();
  }

  void settle(String name, List<Integer> wanted) {
    until(() -> assigned().equals(wanted));
    fact(name, assigned());
  }

  void read(String name, int total) {
    until(() -> seen.size() == total);
    int doubled = seen.values().stream().mapToInt(count -> count - 1).sum();
    fact(name, seen.size() + ", " + doubled + " doubled, " + wrong + " wrong");
    for (KafkaConsumer<String, String> member : members) member.commitSync(WAIT);
  }

  void consumeInGroup(KafkaProducer<String, String> producer, String assignor) throws Exception {
    int rounds = seen.isEmpty() ? 1 : seen.size() / ROUND;
    members.add(openConsumer(assignor, Map.of()));
    settle(assignor + ": assigned alone", List.of(PARTITIONS));
    read(assignor + ": consumed alone", rounds * ROUND);
    members.add(openConsumer(assignor, Map.of()));
    settle(assignor + ": assigned together", List.of(PARTITIONS / 2, PARTITIONS / 2));
    fact(assignor + ": produced", produce(producer, rounds));
    read(assignor + ": consumed together", (rounds + 1) * ROUND);
    fact(assignor + ": group", describeGroup());
    members.remove(1).close();
    settle(assignor + ": assigned when the second left", List.of(PARTITIONS));
    fact(assignor + ": produced again", produce(producer, rounds + 1));
    read(assignor + ": consumed when the second left", (rounds + 2) * ROUND);
    fact(assignor + ": delete group in use", deleteGroup());
    members.remove(0).close();
    fact(assignor + ": group left by all", describeGroup());
  }

  /** Static members come back under their name without a rebalance: the other keeps what it has. */
  void keepPlaceAcrossRestart(KafkaProducer<String, String> producer) throws Exception {
    int rounds = seen.size() / ROUND;
    for (String name : List.of("one", "two")) members.add(openConsumer("Range", Map.of("group.instance.id", name)));
    settle("static: assigned", List.of(3, 3));
    Set<TopicPartition> before = members.get(1).assignment();
    members.remove(1).close();
    members.add(openConsumer("Range", Map.of("group.instance.id", "two")));
    settle("static: assigned after a restart", List.of(3, 3));
    fact("static: assigned the same", members.get(1).assignment().equals(before));
    fact("static: produced", produce(producer, rounds));
    read("static: consumed", (rounds + 1) * ROUND);
    List<MemberToRemove> names = List.of(new MemberToRemove("one"), new MemberToRemove("two"));
    while (!members.isEmpty()) members.remove(0).close();
    fact("static: group closed", describeGroup());
    fact("static: members removed", outcome(
        admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(names)).all()));
    fact("static: group left by all", describeGroup());
  }

  String describeGroup() throws Exception {
    ConsumerGroupDescription found = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
    return found.groupState() + ", " + found.type() + ", " + found.members().size() + " members, assignor '"
        + found.partitionAssignor() + "', coordinator " + found.coordinator().id();
  }

  String deleteGroup() throws InterruptedException {
    return outcome(admin.deleteConsumerGroups(List.of(group)).all());
  }

  Object committed() throws Exception {
    return new TreeMap<>(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().partition(), entry -> entry.getValue().offset())));
  }

  void administerGroup() throws Exception {
    fact("group listed", admin.listGroups().all().get().stream().filter(listing -> listing.groupId().equals(group))
        .map(listing -> listing.groupState().get() + " " + listing.protocol()).toList());
    fact("offsets committed", committed());
    TopicPartition partition = new TopicPartition(topic, 0);
    fact("alter offsets", outcome(
        admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7))).all()));
    fact("offsets altered", committed());
    fact("delete offsets", outcome(admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all()));
    fact("offsets after one was deleted", committed());
    fact("delete group", deleteGroup());
    fact("delete group again", deleteGroup());
  }

  // Records

  long offset(int partition, OffsetSpec wanted) throws Exception {
    TopicPartition key = new TopicPartition(topic, partition);
    return admin.listOffsets(Map.of(key, wanted)).all().get().get(key).offset();
  }

  boolean useCodec(String codec) throws Exception {
    create(codecTopic, 1, 1, Map.of());
    TopicPartition partition = new TopicPartition(codecTopic, 0);
    long first;
    try (KafkaProducer<String, String> producer = openProducer(codec)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) sent.add(producer.send(new ProducerRecord<>(codecTopic, 0, null, (codec + i).repeat(100))));
      first = sent.get(0).get().offset();
    }
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"), new StringDeserializer(),
        new StringDeserializer())) {
      reader.assign(List.of(partition));
      reader.seek(partition, first);
      long deadline = System.nanoTime() + WAIT.toNanos();
      while (values.size() < 20 && System.nanoTime() < deadline)
        for (ConsumerRecord<String, String> record : reader.poll(Duration.ofMillis(100))) values.add(record.value());
    }
    boolean intact = values.size() == 20;
    for (int i = 0; i < values.size(); i++) intact &= values.get(i).equals((codec + i).repeat(100));
    return intact;
  }

  String deleteRecords(long offset) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    DeleteRecordsResult answer = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)));
    String error = outcome(answer.all());
    return error != null ? error : "from " + answer.lowWatermarks().get(partition).get().lowWatermark();
  }

  void administerRecords() throws Exception {
    fact("earliest, latest, of most time", List.of(offset(1, OffsetSpec.earliest()), offset(1, OffsetSpec.latest()),
        offset(1, OffsetSpec.maxTimestamp())));
    fact("offset at the beginning of time", offset(1, OffsetSpec.forTimestamp(0)));
    fact("offset at the time of the second round", offset(1, OffsetSpec.forTimestamp(firstTime + ROUND)));
    fact("offset in the future", offset(1, OffsetSpec.forTimestamp(FUTURE)));
    fact("delete records before 5", deleteRecords(5));
    fact("delete records before 999", deleteRecords(999));
    fact("earliest after records were deleted", offset(0, OffsetSpec.earliest()));
    TopicPartition partition = new TopicPartition(topic, 0);
    fact("producers", admin.describeProducers(List.of(partition)).all().get().get(partition).activeProducers().size());
    Map<TopicPartition, ReplicaInfo> replicas = new HashMap<>();
    admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values()
        .forEach(folder -> replicas.putAll(folder.replicaInfos()));
    fact("folder of the log", replicas.get(partition).size() > 0 && !replicas.get(partition).isFuture());
    fact("delete topic", outcome(admin.deleteTopics(List.of(topic)).all()));
    fact("delete topic again", outcome(admin.deleteTopics(List.of(topic)).all()));
  }
}
