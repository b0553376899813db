using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // By itself: the tool would make the table anew, without its triggers.
            migrationBuilder.Sql("ALTER TABLE evaluations DROP COLUMN undoes");
        }
    }
}
