-- What analysts may read: views in a schema of their own, and a role that has nothing else.
-- Scripts rely on the first ten columns of analytics.invocations and analytics.attempts.
CREATE SCHEMA analytics;

CREATE VIEW analytics.invocations AS
SELECT i.id AS invocation_id, i.function, i.version, i.status, i.attempts AS attempt, i.submitted_at, i.finished_at,
  a.duration_us / 1000.0 AS duration_ms, a.billed_ms, a.max_memory_mib,
  i.namespace, i.started_at, i.request_bytes, length(i.result)::bigint AS result_bytes, i.error_type, i.error_message,
  a.memory_mib, a.cold_start, a.init_us / 1000.0 AS init_ms, a.executor
FROM millrace.invocations i
LEFT JOIN millrace.attempts a ON a.invocation_id = i.id AND a.attempt = i.attempts;

CREATE VIEW analytics.attempts AS
SELECT invocation_id, function, version, status, attempt, submitted_at, finished_at,
  duration_us / 1000.0 AS duration_ms, billed_ms, max_memory_mib,
  namespace, started_at, memory_mib, cold_start, init_us / 1000.0 AS init_ms, executor, error_type
FROM millrace.attempts;

-- Text where the bytes are UTF-8 without NUL, PostgreSQL's escape form where they are not.
-- Not parallel: its exception block is a subtransaction.
CREATE FUNCTION analytics.readable(bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN encode(bytes, 'escape');
END $$;

CREATE VIEW analytics.log_lines AS
SELECT l.invocation_id, l.attempt, l.sequence, line.number AS line, l.logged_at, line.text
FROM millrace.log_lines l
CROSS JOIN LATERAL string_to_table(rtrim(analytics.readable(l.text), E'\n'), E'\n')
  WITH ORDINALITY AS line(text, number);

CREATE VIEW analytics.dead_letters AS
SELECT topic, partition, record_offset, reason_code, reason, invocation_id, function, dead_at
FROM millrace.dead_letters;

-- The role is the whole cluster's: another database may have made it already.
DO $$ BEGIN
  CREATE ROLE millrace_analyst NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END $$;
GRANT USAGE ON SCHEMA analytics TO millrace_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO millrace_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO millrace_analyst;
