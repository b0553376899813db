using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "evaluations",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<byte>(type: "smallint", nullable: false),
                    previous_status = table.Column<byte>(type: "smallint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    evaluator = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    notes = table.Column<string>(type: "text", nullable: true),
                    tags = table.Column<string[]>(type: "text[]", nullable: true),
                    corrected_response = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_evaluations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "event_head",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    last_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_head", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    action = table.Column<byte>(type: "smallint", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: false),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<byte>(type: "smallint", nullable: false),
                    previous_status = table.Column<byte>(type: "smallint", nullable: true),
                    payload = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "projects",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    slug = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_projects", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rollup_deltas",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    minute = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    pending = table.Column<long>(type: "bigint", nullable: false),
                    in_review = table.Column<long>(type: "bigint", nullable: false),
                    accepted = table.Column<long>(type: "bigint", nullable: false),
                    rejected = table.Column<long>(type: "bigint", nullable: false),
                    errors = table.Column<long>(type: "bigint", nullable: false),
                    tokens_used = table.Column<long>(type: "bigint", nullable: false),
                    prompt_tokens = table.Column<long>(type: "bigint", nullable: false),
                    completion_tokens = table.Column<long>(type: "bigint", nullable: false),
                    cost = table.Column<decimal>(type: "numeric", nullable: false),
                    response_time_ms = table.Column<decimal>(type: "numeric", nullable: false),
                    response_times = table.Column<long>(type: "bigint", nullable: false),
                    histogram = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollup_deltas", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rollups",
                columns: table => new
                {
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    grain = table.Column<byte>(type: "smallint", nullable: false),
                    bucket = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    pending = table.Column<long>(type: "bigint", nullable: false),
                    in_review = table.Column<long>(type: "bigint", nullable: false),
                    accepted = table.Column<long>(type: "bigint", nullable: false),
                    rejected = table.Column<long>(type: "bigint", nullable: false),
                    errors = table.Column<long>(type: "bigint", nullable: false),
                    tokens_used = table.Column<long>(type: "bigint", nullable: false),
                    prompt_tokens = table.Column<long>(type: "bigint", nullable: false),
                    completion_tokens = table.Column<long>(type: "bigint", nullable: false),
                    cost = table.Column<decimal>(type: "numeric", nullable: false),
                    response_time_ms = table.Column<decimal>(type: "numeric", nullable: false),
                    response_times = table.Column<long>(type: "bigint", nullable: false),
                    histogram = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollups", x => new { x.project_id, x.grain, x.bucket, x.model_name });
                });

            migrationBuilder.CreateTable(
                name: "traces",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: false),
                    content_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    timestamp = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    model_name = table.Column<string>(type: "text", nullable: false),
                    user_query = table.Column<string>(type: "text", nullable: false),
                    ai_response = table.Column<string>(type: "text", nullable: false),
                    system_prompt = table.Column<string>(type: "text", nullable: true),
                    functions_called = table.Column<string>(type: "json", nullable: true),
                    metadata = table.Column<string>(type: "json", nullable: true),
                    tokens_used = table.Column<long>(type: "bigint", nullable: true),
                    prompt_tokens = table.Column<long>(type: "bigint", nullable: true),
                    completion_tokens = table.Column<long>(type: "bigint", nullable: true),
                    response_time_ms = table.Column<double>(type: "double precision", nullable: true),
                    cost = table.Column<decimal>(type: "numeric", nullable: true),
                    error = table.Column<string>(type: "json", nullable: true),
                    has_error = table.Column<bool>(type: "boolean", nullable: false),
                    session_id = table.Column<string>(type: "text", nullable: true),
                    user_id = table.Column<string>(type: "text", nullable: true),
                    environment = table.Column<string>(type: "text", nullable: true),
                    parent_id = table.Column<string>(type: "text", nullable: true),
                    tags = table.Column<string[]>(type: "text[]", nullable: true),
                    source = table.Column<string>(type: "text", nullable: true),
                    batch_id = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<byte>(type: "smallint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_traces", x => x.id);
                });

            migrationBuilder.InsertData(
                table: "event_head",
                columns: new[] { "id", "last_id" },
                values: new object[] { 1, 0L });

            migrationBuilder.InsertData(
                table: "projects",
                columns: new[] { "id", "name", "slug" },
                values: new object[] { 1, "Default", "default" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_project_id_created_at",
                table: "evaluations",
                columns: new[] { "project_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_project_id_trace_id_id",
                table: "evaluations",
                columns: new[] { "project_id", "trace_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_projects_slug",
                table: "projects",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_model_name_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "model_name", "timestamp", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_session_id_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "session_id", "timestamp", "id" },
                filter: "session_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_status_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "status", "timestamp", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "timestamp", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_trace_id",
                table: "traces",
                columns: new[] { "project_id", "trace_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_user_id_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "user_id", "timestamp", "id" },
                filter: "user_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_traces_with_error",
                table: "traces",
                columns: new[] { "project_id", "timestamp", "id" },
                filter: "has_error");

            foreach (string statement in WriteFunctions.Create)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(WriteFunctions.Drop);
            migrationBuilder.DropTable(
                name: "evaluations");

            migrationBuilder.DropTable(
                name: "event_head");

            migrationBuilder.DropTable(
                name: "events");

            migrationBuilder.DropTable(
                name: "projects");

            migrationBuilder.DropTable(
                name: "rollup_deltas");

            migrationBuilder.DropTable(
                name: "rollups");

            migrationBuilder.DropTable(
                name: "traces");
        }
    }
}
