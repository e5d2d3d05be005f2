/// The recorder's SQL: literals, all of it.
enum RecorderSQL {
  // MARK: sharing the work

  /// The first number of the advisory locks: shards, and that a recorder is there. "mill" + 1, + 2.
  static let shardLocks: Int32 = 0x6d69_6c6d
  static let memberLocks: Int32 = 0x6d69_6c6e

  static let joinMembers: StaticString = "SELECT pg_advisory_lock_shared($1, 0)"
  static let countMembers: StaticString = """
    SELECT count(*) AS members FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = $1 AND objid = 0
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
  static let tryShard: StaticString = "SELECT pg_try_advisory_lock($1, $2) AS taken"
  static let giveShard: StaticString = "SELECT pg_advisory_unlock($1, $2)"

  static let makeMonth: StaticString = "SELECT millrace.make_month($1, $2, $3, $4) AS made"

  // MARK: offsets

  static let beginOffsets: StaticString = """
    INSERT INTO millrace.consumed_offsets (topic, partition, next_offset)
    SELECT topic, partition, 0 FROM unnest($1, $2) AS wanted(topic, partition) ON CONFLICT DO NOTHING
    """
  static let readOffsets: StaticString = """
    SELECT topic, partition, next_offset FROM millrace.consumed_offsets
    WHERE (topic, partition) IN (SELECT * FROM unnest($1, $2))
    """
  /// In one order for everybody, so that two recorders cannot wait for each other.
  static let lockOffsets: StaticString = """
    SELECT topic, partition, next_offset FROM millrace.consumed_offsets
    WHERE (topic, partition) IN (SELECT * FROM unnest($1, $2)) ORDER BY topic, partition FOR UPDATE
    """
  static let moveOffsets: StaticString = """
    UPDATE millrace.consumed_offsets AS kept SET next_offset = moved.next_offset, updated_at = clock_timestamp()
    FROM unnest($1, $2, $3) AS moved(topic, partition, next_offset)
    WHERE kept.topic = moved.topic AND kept.partition = moved.partition
    """

  // MARK: staging

  static let stageInvocations: StaticString = """
    CREATE TEMPORARY TABLE staged_invocations ON COMMIT DELETE ROWS AS
    SELECT id, namespace, function, attempts, task_attempt, requested_version, task_submitted_at, task_partition, task_offset,
      request_bytes, trace_parent, running_attempt, running_version, running_at, running_partition, running_offset,
      result_attempt, result_status, result_version, result_submitted_at, result_started_at, result_finished_at,
      result_partition, result_offset, result, error_type, error_message, dead_at, dead_reason
    FROM millrace.invocations LIMIT 0
    """
  static let stageAttempts: StaticString = """
    CREATE TEMPORARY TABLE staged_attempts ON COMMIT DELETE ROWS AS
    SELECT invocation_id, attempt, namespace, function, version, status, submitted_at, started_at, finished_at, duration_us,
      billed_ms, init_us, memory_mib, max_memory_mib, executor, error_type, result_partition, result_offset
    FROM millrace.attempts LIMIT 0
    """
  static let stageOutput: StaticString = """
    CREATE TEMPORARY TABLE staged_output ON COMMIT DELETE ROWS AS
    SELECT invocation_id, attempt, sequence, logged_at, text FROM millrace.log_lines LIMIT 0
    """
  static let stageDeadLetters: StaticString = """
    CREATE TEMPORARY TABLE staged_dead_letters ON COMMIT DELETE ROWS AS SELECT * FROM millrace.dead_letters LIMIT 0
    """
  static let copyInvocations: StaticString = "COPY staged_invocations FROM STDIN (FORMAT binary)"
  static let copyAttempts: StaticString = "COPY staged_attempts FROM STDIN (FORMAT binary)"
  static let copyOutput: StaticString = "COPY staged_output FROM STDIN (FORMAT binary)"
  static let copyDeadLetters: StaticString = "COPY staged_dead_letters FROM STDIN (FORMAT binary)"

  /// Straight into the tables: half the work where nothing is repeated.
  static let copyNewAttempts: StaticString = """
    COPY millrace.attempts (invocation_id, attempt, namespace, function, version, status, submitted_at, started_at,
      finished_at, duration_us, billed_ms, init_us, memory_mib, max_memory_mib, executor, error_type, result_partition,
      result_offset) FROM STDIN (FORMAT binary)
    """
  static let copyNewOutput: StaticString = """
    COPY millrace.log_lines (invocation_id, attempt, sequence, logged_at, text) FROM STDIN (FORMAT binary)
    """
  /// What a transaction writes is on the log as well, and its offsets are part of it: a commit that a crash of the server
  /// takes back is recorded again. So nobody waits for the disk.
  static let commitWithoutWaiting: StaticString = "SET synchronous_commit = off"

  // MARK: keeping

  /// `InvocationRow.merge(_:)` between what is kept (`i`) and what is new (`n`): of the task the lowest attempt, of output and
  /// result the highest, and of equals the first stands.
  static let upsertInvocations: StaticString = """
    INSERT INTO millrace.invocations AS i (id, namespace, function, attempts,
      task_attempt, requested_version, task_submitted_at, task_partition, task_offset, request_bytes, trace_parent,
      running_attempt, running_version, running_at, running_partition, running_offset,
      result_attempt, result_status, result_version, result_submitted_at, result_started_at, result_finished_at,
      result_partition, result_offset, result, error_type, error_message, dead_at, dead_reason)
    SELECT * FROM staged_invocations
    ON CONFLICT (id) DO UPDATE SET
      namespace = coalesce(i.namespace, excluded.namespace),
      function = coalesce(i.function, excluded.function),
      attempts = greatest(i.attempts, excluded.attempts),
      requested_version = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.requested_version ELSE i.requested_version END,
      task_submitted_at = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.task_submitted_at ELSE i.task_submitted_at END,
      task_partition = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.task_partition ELSE i.task_partition END,
      task_offset = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.task_offset ELSE i.task_offset END,
      request_bytes = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.request_bytes ELSE i.request_bytes END,
      trace_parent = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.trace_parent ELSE i.trace_parent END,
      task_attempt = CASE WHEN excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
        THEN excluded.task_attempt ELSE i.task_attempt END,
      running_version = CASE WHEN excluded.running_attempt > coalesce(i.running_attempt, 0)
        THEN excluded.running_version ELSE i.running_version END,
      running_at = CASE WHEN excluded.running_attempt > coalesce(i.running_attempt, 0)
        THEN excluded.running_at ELSE i.running_at END,
      running_partition = CASE WHEN excluded.running_attempt > coalesce(i.running_attempt, 0)
        THEN excluded.running_partition ELSE i.running_partition END,
      running_offset = CASE WHEN excluded.running_attempt > coalesce(i.running_attempt, 0)
        THEN excluded.running_offset ELSE i.running_offset END,
      running_attempt = CASE WHEN excluded.running_attempt > coalesce(i.running_attempt, 0)
        THEN excluded.running_attempt ELSE i.running_attempt END,
      result_status = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_status ELSE i.result_status END,
      result_version = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_version ELSE i.result_version END,
      result_submitted_at = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_submitted_at ELSE i.result_submitted_at END,
      result_started_at = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_started_at ELSE i.result_started_at END,
      result_finished_at = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_finished_at ELSE i.result_finished_at END,
      result_partition = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_partition ELSE i.result_partition END,
      result_offset = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_offset ELSE i.result_offset END,
      result = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0) THEN excluded.result ELSE i.result END,
      error_type = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.error_type ELSE i.error_type END,
      error_message = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.error_message ELSE i.error_message END,
      result_attempt = CASE WHEN excluded.result_attempt > coalesce(i.result_attempt, 0)
        THEN excluded.result_attempt ELSE i.result_attempt END,
      dead_at = coalesce(i.dead_at, excluded.dead_at),
      dead_reason = CASE WHEN i.dead_at IS NULL THEN excluded.dead_reason ELSE i.dead_reason END
    WHERE excluded.attempts > i.attempts OR excluded.task_attempt < coalesce(i.task_attempt, 2147483647)
      OR excluded.running_attempt > coalesce(i.running_attempt, 0) OR excluded.result_attempt > coalesce(i.result_attempt, 0)
      OR i.dead_at IS NULL AND excluded.dead_at IS NOT NULL OR i.function IS NULL AND excluded.function IS NOT NULL
    """
  static let insertAttempts: StaticString = """
    INSERT INTO millrace.attempts (invocation_id, attempt, namespace, function, version, status, submitted_at, started_at,
      finished_at, duration_us, billed_ms, init_us, memory_mib, max_memory_mib, executor, error_type, result_partition,
      result_offset)
    SELECT * FROM staged_attempts ON CONFLICT DO NOTHING
    """
  static let insertOutput: StaticString = """
    INSERT INTO millrace.log_lines (invocation_id, attempt, sequence, logged_at, text)
    SELECT * FROM staged_output ON CONFLICT DO NOTHING
    """
  static let insertDeadLetters: StaticString = """
    INSERT INTO millrace.dead_letters SELECT * FROM staged_dead_letters ON CONFLICT DO NOTHING
    """
}
