using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace LlmEval.Core.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AddVerdictRollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "verdict_deltas",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    quarter = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    evaluator = table.Column<string>(type: "text", nullable: false),
                    accepted = table.Column<long>(type: "bigint", nullable: false),
                    rejected = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_verdict_deltas", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "verdict_rollups",
                columns: table => new
                {
                    project_id = table.Column<int>(type: "integer", nullable: false),
                    quarter = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    evaluator = table.Column<string>(type: "text", nullable: false),
                    accepted = table.Column<long>(type: "bigint", nullable: false),
                    rejected = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_verdict_rollups", x => new { x.project_id, x.quarter, x.evaluator });
                });

            foreach (string statement in VerdictTables.Create)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(VerdictTables.Drop);

            migrationBuilder.DropTable(
                name: "verdict_deltas");

            migrationBuilder.DropTable(
                name: "verdict_rollups");
        }
    }
}
