namespace LlmEval.Core.Storage.Postgres.Migrations;

/// <summary>
/// The functions that writers call: one call is one round trip and, with autocommit, one transaction. READ COMMITTED is assumed;
/// there is no EXCEPTION block, for that would open a subtransaction.
/// </summary>
internal static class WriteFunctions
{
    /// <summary>
    /// Numbers and stores events. The counter row stays locked until the commit, so ids become visible in order and without a
    /// gap; therefore this is the last thing that a transaction does.
    /// </summary>
    private const string AppendEvents =
        """
        CREATE FUNCTION append_events(p_project int[], p_action smallint[], p_trace_id text[], p_model text[], p_status smallint[],
            p_previous smallint[], p_payload text[], p_at timestamptz) RETURNS bigint
        LANGUAGE plpgsql AS $$
        DECLARE v_base bigint;
        BEGIN
            UPDATE event_head SET last_id = last_id + cardinality(p_project) WHERE id = 1
            RETURNING last_id - cardinality(p_project) INTO STRICT v_base;
            INSERT INTO events (id, project_id, action, created_at, trace_id, model_name, status, previous_status, payload)
            SELECT v_base + n, p, a, p_at, t, m, s, ps, body
            FROM unnest(p_project, p_action, p_trace_id, p_model, p_status, p_previous, p_payload) WITH ORDINALITY u(p, a, t, m, s, ps, body, n);
            RETURN v_base + 1;
        END $$;
        """;

    /// <summary>Locks a trace and fails with LE409 unless it is still at the version that was read.</summary>
    private const string ExpectVersion =
        """
        CREATE FUNCTION expect_version(p_id bigint, p_version int) RETURNS boolean
        LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM traces WHERE id = p_id AND version = p_version FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'trace % is no longer at version %', p_id, p_version USING ERRCODE = 'LE409';
            END IF;
            RETURN true;
        END $$;
        """;

    /// <summary>What writers send: a row of a trace with its event, and a row of changes to the figures.</summary>
    private const string Rows =
        """
        CREATE TYPE trace_row AS (project_id int, trace_id text, content_hash bytea, timestamp timestamptz, received_at timestamptz,
            model_name text, user_query text, ai_response text, system_prompt text, functions_called json, metadata json, tokens_used bigint,
            prompt_tokens bigint, completion_tokens bigint, response_time_ms double precision, cost numeric, error json, has_error boolean,
            session_id text, user_id text, environment text, parent_id text, tags text[], source text, batch_id text, status smallint,
            version int, arrival int, payload text);
        CREATE TYPE rollup_delta AS (project_id int, minute timestamptz, model_name text, pending bigint, in_review bigint, accepted bigint,
            rejected bigint, errors bigint, tokens_used bigint, prompt_tokens bigint, completion_tokens bigint, cost numeric,
            response_time_ms numeric, response_times bigint, histogram bytea);
        """;

    /// <summary>
    /// Stores a batch of new traces with their figures and events. The rows come sorted by (project, trace_id), which is the
    /// order of locking; their place of arrival is the order of insertion numbers and events.
    /// </summary>
    private const string StoreTraces =
        """
        CREATE FUNCTION store_traces(p_rows trace_row[], p_at timestamptz, p_deltas rollup_delta[]) RETURNS bigint
        LANGUAGE plpgsql AS $$
        DECLARE
            v_ids bigint[] := ARRAY(SELECT nextval('traces_id_seq') FROM generate_series(1, cardinality(p_rows)));
            v_base bigint;
        BEGIN
            INSERT INTO traces (id, project_id, trace_id, content_hash, timestamp, received_at, model_name, user_query, ai_response,
                system_prompt, functions_called, metadata, tokens_used, prompt_tokens, completion_tokens, response_time_ms, cost, error,
                has_error, session_id, user_id, environment, parent_id, tags, source, batch_id, status, version)
            SELECT v_ids[arrival], project_id, trace_id, content_hash, timestamp, received_at, model_name, user_query, ai_response,
                system_prompt, functions_called, metadata, tokens_used, prompt_tokens, completion_tokens, response_time_ms, cost, error,
                has_error, session_id, user_id, environment, parent_id, tags, source, batch_id, status, version
            FROM unnest(p_rows);

            INSERT INTO rollup_deltas (project_id, minute, model_name, pending, in_review, accepted, rejected, errors, tokens_used,
                prompt_tokens, completion_tokens, cost, response_time_ms, response_times, histogram)
            SELECT * FROM unnest(p_deltas);

            UPDATE event_head SET last_id = last_id + cardinality(p_rows) WHERE id = 1
            RETURNING last_id - cardinality(p_rows) INTO STRICT v_base;
            INSERT INTO events (id, project_id, action, created_at, trace_id, model_name, status, payload)
            SELECT v_base + arrival, project_id, 0, p_at, trace_id, model_name, status, payload
            FROM unnest(p_rows);
            RETURN v_base + 1;
        END $$;
        """;

    /// <summary>
    /// Room for updates in place beside the one row that every commit rewrites, and a vacuum that keeps up with the deltas, which
    /// live for about a second each.
    /// </summary>
    private const string Settings =
        """
        ALTER TABLE event_head SET (fillfactor = 10);
        ALTER TABLE rollups SET (fillfactor = 70);
        ALTER TABLE rollup_deltas SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
        """;

    public static IEnumerable<string> Create => [AppendEvents, ExpectVersion, Rows, StoreTraces, Settings];

    public static string Drop =>
        """
        DROP FUNCTION store_traces;
        DROP TYPE rollup_delta;
        DROP TYPE trace_row;
        DROP FUNCTION expect_version;
        DROP FUNCTION append_events;
        """;
}
