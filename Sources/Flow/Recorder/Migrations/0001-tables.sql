-- What the recorder keeps. Docs: docs/reference/database.md.
-- Invocation ids are UUIDv7: they begin with their time, so a range of ids is a range of time and partitions follow months.

CREATE TABLE millrace.consumed_offsets (
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition)
);

-- One row per invocation, put together from its task, the first log record of an attempt, the result of the newest attempt,
-- and its dead letter, in whatever order they arrive: each has its columns, and what follows from them is generated.
CREATE TABLE millrace.invocations (
  id uuid PRIMARY KEY,
  namespace text,
  function text,
  attempts integer NOT NULL,
  -- from the task of the first attempt
  task_attempt integer,
  requested_version integer,
  task_submitted_at timestamptz,
  task_partition integer,
  task_offset bigint,
  request_bytes bigint,
  trace_parent text,
  -- from the log of the newest attempt
  running_attempt integer,
  running_version integer,
  running_at timestamptz,
  running_partition integer,
  running_offset bigint,
  -- from the result of the newest attempt
  result_attempt integer,
  result_status text,
  result_version integer,
  result_submitted_at timestamptz,
  result_started_at timestamptz,
  result_finished_at timestamptz,
  result_partition integer,
  result_offset bigint,
  result bytea,
  error_type text,
  error_message text,
  -- from the dead letter of a task
  dead_at timestamptz,
  dead_reason text,
  status text NOT NULL GENERATED ALWAYS AS (
    CASE
      WHEN result_attempt = attempts THEN result_status
      WHEN dead_at IS NOT NULL AND running_attempt IS NULL THEN 'dead'
      WHEN running_attempt = attempts THEN 'running'
      ELSE 'accepted'
    END) STORED,
  version integer GENERATED ALWAYS AS (coalesce(result_version, running_version, requested_version)) STORED,
  submitted_at timestamptz GENERATED ALWAYS AS (coalesce(task_submitted_at, result_submitted_at)) STORED,
  started_at timestamptz GENERATED ALWAYS AS (coalesce(result_started_at, running_at)) STORED,
  finished_at timestamptz GENERATED ALWAYS AS (
    CASE
      WHEN result_attempt = attempts THEN result_finished_at
      WHEN dead_at IS NOT NULL AND running_attempt IS NULL THEN dead_at
    END) STORED,
  CHECK (result_status IN (
    'succeeded', 'failed', 'timed_out', 'out_of_memory', 'cancelled', 'expired', 'dead'))
) PARTITION BY RANGE (id);
CREATE INDEX invocations_by_function ON millrace.invocations (namespace, function, id);

-- One row per finished attempt; the first result of an attempt stands.
CREATE TABLE millrace.attempts (
  invocation_id uuid NOT NULL,
  attempt integer NOT NULL,
  namespace text NOT NULL,
  function text NOT NULL,
  version integer,
  status text NOT NULL,
  submitted_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  duration_us bigint NOT NULL,
  billed_ms bigint NOT NULL,
  init_us bigint,
  memory_mib bigint NOT NULL,
  max_memory_mib bigint NOT NULL,
  executor text NOT NULL,
  error_type text,
  result_partition integer NOT NULL,
  result_offset bigint NOT NULL,
  cold_start boolean NOT NULL GENERATED ALWAYS AS (init_us IS NOT NULL) STORED,
  PRIMARY KEY (invocation_id, attempt)
) PARTITION BY RANGE (invocation_id);

-- One row per log record, which is one or more whole lines; any bytes.
CREATE TABLE millrace.log_lines (
  invocation_id uuid NOT NULL,
  attempt integer NOT NULL,
  sequence bigint NOT NULL,
  logged_at timestamptz NOT NULL,
  text bytea NOT NULL,
  PRIMARY KEY (invocation_id, attempt, sequence)
) PARTITION BY RANGE (invocation_id);

CREATE TABLE millrace.invocations_default PARTITION OF millrace.invocations DEFAULT;
CREATE TABLE millrace.attempts_default PARTITION OF millrace.attempts DEFAULT;
CREATE TABLE millrace.log_lines_default PARTITION OF millrace.log_lines DEFAULT;

-- One row per record that could not be processed, by where the record stands.
CREATE TABLE millrace.dead_letters (
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  reason_code text NOT NULL,
  reason text NOT NULL,
  invocation_id uuid,
  function text,
  dead_at timestamptz NOT NULL,
  letter_partition integer NOT NULL,
  letter_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition, record_offset)
);

-- Makes the partition of one month in one table, and moves into it what the default partition has of that month.
-- Answers whether there was none before.
CREATE FUNCTION millrace.make_month(parent text, suffix text, first_id uuid, end_id uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  child text := parent || '_' || suffix;
  key text := CASE parent WHEN 'invocations' THEN 'id' ELSE 'invocation_id' END;
  columns text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('millrace.make_month', 0));
  IF to_regclass(format('millrace.%I', child)) IS NOT NULL THEN
    RETURN false;
  END IF;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = format('millrace.%I', parent)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format('CREATE TABLE millrace.%I (LIKE millrace.%I INCLUDING ALL)', child, parent);
  -- An invocation changes once or twice soon after it is made: room in its page keeps its indexes as they are.
  IF parent = 'invocations' THEN
    EXECUTE format('ALTER TABLE millrace.%I SET (fillfactor = 60)', child);
  END IF;
  EXECUTE format('LOCK TABLE millrace.%I IN EXCLUSIVE MODE', parent || '_default');
  EXECUTE format('INSERT INTO millrace.%I (%s) SELECT %s FROM millrace.%I WHERE %I >= %L AND %I < %L',
    child, columns, columns, parent || '_default', key, first_id, key, end_id);
  EXECUTE format('DELETE FROM millrace.%I WHERE %I >= %L AND %I < %L',
    parent || '_default', key, first_id, key, end_id);
  EXECUTE format('ALTER TABLE millrace.%I ATTACH PARTITION millrace.%I FOR VALUES FROM (%L) TO (%L)',
    parent, child, first_id, end_id);
  RETURN true;
END $$;
