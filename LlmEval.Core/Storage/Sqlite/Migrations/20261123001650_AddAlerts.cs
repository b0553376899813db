using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LlmEval.Core.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddAlerts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "alert_mutes",
                columns: table => new
                {
                    project_id = table.Column<int>(type: "INTEGER", nullable: false),
                    rule_key = table.Column<string>(type: "TEXT", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alert_mutes", x => new { x.project_id, x.rule_key });
                });

            migrationBuilder.CreateTable(
                name: "alert_rules",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    project_id = table.Column<int>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    measure = table.Column<byte>(type: "INTEGER", nullable: false),
                    model_name = table.Column<string>(type: "TEXT", nullable: true),
                    window_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    when_below = table.Column<bool>(type: "INTEGER", nullable: false),
                    threshold = table.Column<double>(type: "REAL", nullable: false),
                    for_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    least_samples = table.Column<int>(type: "INTEGER", nullable: false),
                    is_enabled = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alert_rules", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "alert_turn",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at_micros = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alert_turn", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "alerts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    project_id = table.Column<int>(type: "INTEGER", nullable: false),
                    rule_key = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    measure = table.Column<byte>(type: "INTEGER", nullable: false),
                    model_name = table.Column<string>(type: "TEXT", nullable: true),
                    replica = table.Column<string>(type: "TEXT", nullable: false),
                    when_below = table.Column<bool>(type: "INTEGER", nullable: false),
                    threshold = table.Column<double>(type: "REAL", nullable: false),
                    value = table.Column<double>(type: "REAL", nullable: false),
                    raised_at = table.Column<long>(type: "INTEGER", nullable: false),
                    seen_at = table.Column<long>(type: "INTEGER", nullable: false),
                    cleared_at = table.Column<long>(type: "INTEGER", nullable: true),
                    acknowledged_at = table.Column<long>(type: "INTEGER", nullable: true),
                    acknowledged_by = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alerts", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_alert_rules_project_id",
                table: "alert_rules",
                column: "project_id");

            migrationBuilder.CreateIndex(
                name: "IX_alerts_cleared_at",
                table: "alerts",
                column: "cleared_at");

            migrationBuilder.CreateIndex(
                name: "IX_alerts_project_id_raised_at",
                table: "alerts",
                columns: new[] { "project_id", "raised_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "alert_mutes");

            migrationBuilder.DropTable(
                name: "alert_rules");

            migrationBuilder.DropTable(
                name: "alert_turn");

            migrationBuilder.DropTable(
                name: "alerts");
        }
    }
}
