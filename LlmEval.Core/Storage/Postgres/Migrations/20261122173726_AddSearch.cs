using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AddSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_traces_project_id_model_name_timestamp_id",
                table: "traces");

            migrationBuilder.CreateTable(
                name: "projections",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    skipped = table.Column<long>(type: "bigint", nullable: false),
                    rebuilt_up_to = table.Column<long>(type: "bigint", nullable: true),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_projections", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "search_removals",
                columns: table => new
                {
                    trace_row_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_removals", x => x.trace_row_id);
                });

            migrationBuilder.InsertData(
                table: "projections",
                columns: new[] { "name", "position", "rebuilt_up_to", "skipped", "updated_at" },
                values: new object[] { "search", 0L, null, 0L, new DateTime(1970, 1, 1, 0, 0, 0, 0, DateTimeKind.Utc) });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_model_name_status_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "model_name", "status", "timestamp", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_parent_id_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "parent_id", "timestamp", "id" },
                filter: "parent_id IS NOT NULL");

            foreach (string statement in SearchTables.Create)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (string statement in SearchTables.Drop)
            {
                migrationBuilder.Sql(statement);
            }

            migrationBuilder.DropTable(
                name: "projections");

            migrationBuilder.DropTable(
                name: "search_removals");

            migrationBuilder.DropIndex(
                name: "IX_traces_project_id_model_name_status_timestamp_id",
                table: "traces");

            migrationBuilder.DropIndex(
                name: "IX_traces_project_id_parent_id_timestamp_id",
                table: "traces");

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_model_name_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "model_name", "timestamp", "id" });
        }
    }
}
