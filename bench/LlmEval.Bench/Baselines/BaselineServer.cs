using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmEval.Bench.Baselines;

/// <summary>The least that a server can do for a trace: read it, parse it, answer. What is to be stored comes as a step between.</summary>
internal static class BaselineServer
{
    public static async Task RunAsync(string url, Func<BareTrace, CancellationToken, Task>? store, CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication app = builder.Build();
        app.Urls.Add(url);
        app.MapGet("/ready", (RequestDelegate)(context => context.Response.WriteAsync("ready", context.RequestAborted)));
        app.MapPost("/webhook/trace", (RequestDelegate)(context => TakeAsync(context, store)));
        await app.StartAsync(cancel);
        await Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
        await app.StopAsync(CancellationToken.None);
    }

    private static async Task TakeAsync(HttpContext context, Func<BareTrace, CancellationToken, Task>? store)
    {
        BareTrace? trace = await JsonSerializer.DeserializeAsync(
            context.Request.BodyReader, BareJson.Default.BareTrace, context.RequestAborted);
        if (store is not null)
        {
            await store(trace!, context.RequestAborted);
        }

        byte[] answer = JsonSerializer.SerializeToUtf8Bytes(
            new BareAnswer(true, "Trace received and processed successfully", [trace!.TraceId]), BareJson.Default.BareAnswer);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }
}
