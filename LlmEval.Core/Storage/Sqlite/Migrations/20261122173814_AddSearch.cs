using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Sqlite.Migrations
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
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    skipped = table.Column<long>(type: "INTEGER", nullable: false),
                    rebuilt_up_to = table.Column<long>(type: "INTEGER", nullable: true),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_projections", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "search_removals",
                columns: table => new
                {
                    trace_row_id = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_search_removals", x => x.trace_row_id);
                });

            migrationBuilder.InsertData(
                table: "projections",
                columns: new[] { "name", "position", "rebuilt_up_to", "skipped", "updated_at" },
                values: new object[] { "search", 0L, null, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_model_name_status_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "model_name", "status", "timestamp", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_traces_project_id_parent_id_timestamp_id",
                table: "traces",
                columns: new[] { "project_id", "parent_id", "timestamp", "id" },
                filter: "parent_id IS NOT NULL");

            foreach (string statement in SearchTables.Create.Concat(TraceStatistics.Create))
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(TraceStatistics.Drop);
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
