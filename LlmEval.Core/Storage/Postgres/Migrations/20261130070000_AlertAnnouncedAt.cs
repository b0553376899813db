using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AlertAnnouncedAt : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A replica of the version before names no such column: what it raises, it announces.
            migrationBuilder.AddColumn<DateTime>(
                name: "announced_at",
                table: "alerts",
                type: "timestamp with time zone",
                nullable: true,
                defaultValueSql: "now()");

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
