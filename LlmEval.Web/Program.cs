using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Amending;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Metrics;
using LlmEval.Core.Outbound;
using LlmEval.Core.Retention;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Views;
using LlmEval.Core.Writing;
using LlmEval.Web.Access;
using LlmEval.Web.Alerts;
using LlmEval.Web.Amending;
using LlmEval.Web.Health;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Limits;
using LlmEval.Web.Monitoring;
using LlmEval.Web.Outbound;
using LlmEval.Web.People;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using LlmEval.Web.Review;
using LlmEval.Web.Sdk;
using LlmEval.Web.Shell;
using LlmEval.Web.Startup;
using LlmEval.Web.Streaming;
using LlmEval.Web.Traces;
using Microsoft.Extensions.Options;

return await SetupFaults.ReportAsync(async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(ServerSetup.OptionsFrom(args));
    builder.AddServer();
    builder.AddMonitoring();
    builder.Services
        .AddStorage(builder.Configuration)
        .AddAccess()
        .AddEvents(builder.Configuration)
        .AddWriting(builder.Configuration)
        .AddIngestion(builder.Configuration)
        .AddWebhooks(builder.Configuration)
        .AddRollups()
        .AddFigures()
        .AddSearch(builder.Configuration)
        .AddTraces()
        .AddCaching(builder.Configuration)
        .AddAmending()
        .AddReview()
        .AddRetention()
        .AddOutbound(builder.Configuration)
        .AddViews()
        .AddAlerts(builder.Configuration)
        .AddStreaming()
        .AddProxies(builder.Configuration)
        .AddProtectionKeys()
        .AddCallers(builder.Configuration)
        .AddPeople()
        .AddSingleSignOn(builder.Configuration)
        .AddLimits(builder.Configuration)
        .AddCrossOrigin(builder.Configuration)
        .AddReference()
        .AddShell();

    WebApplication app = builder.Build();
    app.UseMiddleware<ClearLength>();
    app.UseMiddleware<HeadIsGet>();
    app.UseProxies();
    app.UseSingleSignOn();
    app.UseMiddleware<ProjectPath>();
    app.UseRouting();
    app.UseMiddleware<SecurityHeaders>();
    app.UseMiddleware<WebhookCounting>();
    app.UseMiddleware<ProblemMiddleware>();
    app.UseMiddleware<BodyLimit>();
    app.UseCrossOrigin();
    app.UseMiddleware<AccessGate>();
    app.UseMiddleware<LimitGate>();
    app.UseMiddleware<WhileAllowed>();
    app.UseMiddleware<WebhookShortcut>();
    app.MapWebhooks();
    app.MapImport();
    app.MapTraces();
    app.MapAmending();
    app.MapEvaluations();
    app.MapSubscriptions();
    app.MapAlerts();
    app.MapAccess();
    app.MapWebhookSecrets();
    app.MapPeople();
    app.MapHealth();
    app.MapMonitoring();
    app.MapStreams();
    app.MapStreamTokens();
    app.MapReference();
    app.MapSdks();
    app.MapShell();

    UnknownSettings.Warn(app.Services);

    // Before the host would, which writes a stack to the log first.
    app.Services.GetService<IStartupValidator>()?.Validate();
    await app.StartAsync();
    await OpenAddress.ThrowUnlessClosedAsync(app);
    await app.WaitForShutdownAsync();
    app.Services.GetRequiredService<StorageReadiness>().ThrowIfRefused();
});
