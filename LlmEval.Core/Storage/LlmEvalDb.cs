using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace LlmEval.Core.Storage;

/// <summary>
/// The database. It has no sets of its own: every feature brings the mapping of its tables (<c>*Mapping</c>). One context per
/// operation, from the factory.
/// </summary>
public abstract partial class LlmEvalDb(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(LlmEvalDb).Assembly);
        modelBuilder.HasDbFunction(((Func<string?, string, string?>)JsonText.Member).Method).HasName(JsonMemberFunction).IsBuiltIn();
        foreach (IMutableEntityType entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (IMutableProperty property in entity.GetProperties())
            {
                property.SetColumnName(WordStart().Replace(property.Name, "_$1").ToLowerInvariant());
                if (JsonText.TakeMark(property))
                {
                    property.SetColumnType(JsonColumnType);
                }
            }
        }
    }

    /// <summary>The type of a column that keeps JSON text as sent.</summary>
    protected abstract string JsonColumnType { get; }

    /// <summary>The function that does what <see cref="JsonText.Member"/> does.</summary>
    protected abstract string JsonMemberFunction { get; }

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
