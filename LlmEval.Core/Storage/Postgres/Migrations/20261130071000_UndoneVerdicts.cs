using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class UndoneVerdicts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A replica of the version before names no such column: what it takes back counts as said, as it did then.
            migrationBuilder.AddColumn<int>(
                name: "undoes",
                table: "evaluations",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "undoes",
                table: "evaluations");
        }
    }
}
