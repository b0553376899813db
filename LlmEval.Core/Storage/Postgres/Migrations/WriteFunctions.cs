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

    /// <summary>
    /// Stores a batch of new traces with their figures and events. The arrays come sorted by (project, trace_id), which is the
    /// order of locking; p_ord says in which order the traces arrived, which is the order of insertion numbers and events.
    /// </summary>
    private const string StoreTraces =
        """
        CREATE FUNCTION store_traces(p_ord int[],
            p_project int[], p_trace_id text[], p_hash bytea[], p_timestamp timestamptz[], p_received timestamptz[], p_model text[],
            p_query text[], p_response text[], p_system text[], p_functions text[], p_metadata text[], p_tokens bigint[], p_prompt bigint[],
            p_completion bigint[], p_time double precision[], p_cost numeric[], p_error text[], p_has_error boolean[], p_session text[],
            p_user text[], p_environment text[], p_parent text[], p_tags text[], p_source text[], p_batch text[], p_status smallint[],
            p_version int[], p_payload text[], p_at timestamptz,
            d_project int[], d_minute timestamptz[], d_model text[], d_pending bigint[], d_in_review bigint[], d_accepted bigint[],
            d_rejected bigint[], d_errors bigint[], d_tokens bigint[], d_prompt bigint[], d_completion bigint[], d_cost numeric[],
            d_time numeric[], d_times bigint[], d_histogram bytea[]) RETURNS bigint
        LANGUAGE plpgsql AS $$
        DECLARE
            v_ids bigint[] := ARRAY(SELECT nextval('traces_id_seq') FROM generate_series(1, cardinality(p_ord)));
            v_base bigint;
        BEGIN
            INSERT INTO traces (id, project_id, trace_id, content_hash, timestamp, received_at, model_name, user_query, ai_response,
                system_prompt, functions_called, metadata, tokens_used, prompt_tokens, completion_tokens, response_time_ms, cost, error,
                has_error, session_id, user_id, environment, parent_id, tags, source, batch_id, status, version)
            SELECT v_ids[ord], p, t, h, ts, ra, m, q, a, sys, f::json, md::json, tok, pt, ct, rt, c, e::json, he, se, us, en, pa,
                tg::text[], so, ba, st, v
            FROM unnest(p_ord, p_project, p_trace_id, p_hash, p_timestamp, p_received, p_model, p_query, p_response, p_system, p_functions,
                p_metadata, p_tokens, p_prompt, p_completion, p_time, p_cost, p_error, p_has_error, p_session, p_user, p_environment,
                p_parent, p_tags, p_source, p_batch, p_status, p_version)
                u(ord, p, t, h, ts, ra, m, q, a, sys, f, md, tok, pt, ct, rt, c, e, he, se, us, en, pa, tg, so, ba, st, v);

            INSERT INTO rollup_deltas (project_id, minute, model_name, pending, in_review, accepted, rejected, errors, tokens_used,
                prompt_tokens, completion_tokens, cost, response_time_ms, response_times, histogram)
            SELECT * FROM unnest(d_project, d_minute, d_model, d_pending, d_in_review, d_accepted, d_rejected, d_errors, d_tokens, d_prompt,
                d_completion, d_cost, d_time, d_times, d_histogram);

            UPDATE event_head SET last_id = last_id + cardinality(p_ord) WHERE id = 1
            RETURNING last_id - cardinality(p_ord) INTO STRICT v_base;
            INSERT INTO events (id, project_id, action, created_at, trace_id, model_name, status, payload)
            SELECT v_base + ord, p, 0, p_at, t, m, s, body
            FROM unnest(p_ord, p_project, p_trace_id, p_model, p_status, p_payload) u(ord, p, t, m, s, body);
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

    public static IEnumerable<string> Create => [AppendEvents, ExpectVersion, StoreTraces, Settings];

    public static string Drop =>
        """
        DROP FUNCTION store_traces;
        DROP FUNCTION expect_version;
        DROP FUNCTION append_events;
        """;
}
