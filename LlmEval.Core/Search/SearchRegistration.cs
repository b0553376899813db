using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Search;

public static class SearchRegistration
{
    /// <summary>Adds full text: the index that follows the event log, and the search in it.</summary>
    public static IServiceCollection AddSearch(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<SearchOptions>(configuration, "LlmEval:Search");
        if (StorageRegistration.UsesPostgres(configuration))
        {
            services.AddSingleton<ISearchTable, PostgresSearchTable>();
        }
        else
        {
            services.AddSingleton<ISearchTable, SqliteSearchTable>();
        }

        services.AddSingleton<ITextSearch, TextSearch>();
        services.AddSingleton<SearchProjector>();
        services.AddSingleton<SearchStatus>();
        services.AddSingleton<IEventConsumer, SearchPosition>();
        services.AddHostedService<SearchIndexer>();
        return services;
    }
}
