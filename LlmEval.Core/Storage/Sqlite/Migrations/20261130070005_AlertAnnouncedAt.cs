using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AlertAnnouncedAt : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A replica of the version before names no such column: what it raises, it announces.
            migrationBuilder.AddColumn<long>(
                name: "announced_at",
                table: "alerts",
                type: "INTEGER",
                nullable: true,
                defaultValue: 0L);

            migrationBuilder.Sql("UPDATE alerts SET announced_at = raised_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "announced_at",
                table: "alerts");
        }
    }
}
