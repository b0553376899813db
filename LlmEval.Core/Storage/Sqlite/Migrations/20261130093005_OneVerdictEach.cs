using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class OneVerdictEach : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_evaluations_project_id_trace_id_undoes",
                table: "evaluations",
                columns: new[] { "project_id", "trace_id", "undoes" },
                filter: "undoes IS NOT NULL");

            foreach (string statement in CountedVerdicts.Create)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (string statement in CountedVerdicts.Drop)
            {
                migrationBuilder.Sql(statement);
            }

            migrationBuilder.DropIndex(
                name: "IX_evaluations_project_id_trace_id_undoes",
                table: "evaluations");
        }
    }
}
