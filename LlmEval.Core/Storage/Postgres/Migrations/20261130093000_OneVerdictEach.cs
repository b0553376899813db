using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class OneVerdictEach : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(CountedVerdicts.HoldWritersOff);
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
            migrationBuilder.Sql(CountedVerdicts.HoldWritersOff);
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
